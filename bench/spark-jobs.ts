/**
 * The jobs that work on items and users, for `npm run bench:spark`. `prepare` writes their rows, a pipeline and a bundle of the shop into a
 * folder. The name of a job does its rows once in this process, as the job sees them without Arrow, and prints processor seconds a row.
 * So both sides are measured in turns.
 */
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { loadPipeline } from "../src/config.ts";
import { fillParquetFile } from "../src/data/files/parquet-file.ts";
import { ingestItems } from "../src/data/ingest/ingest.ts";
import { runPipeline } from "../src/experiment/pipeline.ts";
import { jobKindNamed } from "../src/worker/job-kinds.ts";
import type { OutputRow } from "../src/worker/record.ts";
import { plainRows } from "./plain-rows.ts";

const [folder, job] = process.argv.slice(2);
const root = join(import.meta.dirname, "..");
const [ENCODED, COPIES] = [600, 40];
const pipeline = await loadPipeline(join(root, "pipelines", "shop.yaml"));
const { config } = pipeline;
const { items, interactions } = config.data;
const { catalog } = await ingestItems(items, { folder: pipeline.folder });

const itemRows: readonly OutputRow[] = catalog.ids.slice(0, ENCODED).map((id, row) => ({
  item_id: id,
  title: catalog.titles[row],
  description: catalog.descriptions[row],
  image: catalog.images[row],
}));
/** A digest takes microseconds: only many can be measured. */
const manyRows = Array.from({ length: COPIES }, (_, copy) =>
  itemRows.map((row) => ({ ...row, item_id: `${row.item_id}-${copy}` })),
).flat();
const userRows: readonly OutputRow[] = Array.from({ length: 3000 }, (_, user) => ({
  user: `U${String(user + 1).padStart(4, "0")}`,
}));

const ROWS: Readonly<Record<string, readonly OutputRow[]>> = {
  encode: itemRows,
  inputs: manyRows,
  features: itemRows,
  lists: userRows,
};

async function prepare(): Promise<void> {
  for (const [name, rows] of Object.entries(ROWS)) {
    const columns = Object.keys(rows[0]).map((column) => ({ name: column, type: "text" as const }));
    const cells = columns.map((column) => (row: number) => (rows[row][column.name] as string | null) ?? null);
    await fillParquetFile(join(folder, `${name}.parquet`), columns, [{ rows: rows.length, cells }]);
  }
  const at = (path: string) => resolve(pipeline.folder, path);
  const data = {
    items: { ...items, path: at(items.path) },
    interactions: { ...interactions, path: at(interactions.path) },
  };
  const { collaborative } = config;
  const written = {
    name: "bench",
    data,
    features: { text: {}, image: {} },
    collaborative,
    output: join(folder, "out"),
  };
  writeFileSync(join(folder, "pipeline.yaml"), JSON.stringify(written));
  const context = { folder: pipeline.folder, evaluate: false, cacheFolder: join(root, ".cache", "tailrec") };
  await runPipeline({ ...config, output: join(folder, "shop") }, context);
}

async function measured(name: string): Promise<number> {
  const bundle = join(folder, "shop", "bundle");
  const own = await loadPipeline(join(folder, "pipeline.yaml"));
  const request = { pipeline: own, bundle, by: "user" as const, count: 10, images: root };
  const opened = await jobKindNamed(name).open(request, {});
  const rows = ROWS[name];
  await opened.run(plainRows(rows.slice(0, 1)));
  const before = process.cpuUsage();
  for (let begin = 0; begin < rows.length; begin += 4096) {
    await opened.run(plainRows(rows.slice(begin, begin + 4096)));
  }
  const { user, system } = process.cpuUsage(before);
  await opened.close();
  return (user + system) / 1e6 / rows.length;
}

console.log(JSON.stringify(job === "prepare" ? await prepare() : await measured(job)) ?? "null");
