/** A bundle whose regressor was fitted by sums that workers have added up is that of one process. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Bundle, loadBundle } from "../../src/bundle/bundle.ts";
import { loadPipeline, type Pipeline } from "../../src/config.ts";
import type { Catalog } from "../../src/data/catalog.ts";
import { readWhole } from "../../src/data/files/file-parts.ts";
import { fillParquetFile } from "../../src/data/files/parquet-file.ts";
import { ingestItems } from "../../src/data/ingest/ingest.ts";
import { listAt, parquetFilesAt, readVectorTables, type VectorRows } from "../../src/data/ingest/vector-tables.ts";
import { readEncodedParts } from "../../src/execution/encoded-parts.ts";
import type { EncodedRow } from "../../src/execution/encoded-rows.ts";
import { decodeMomentsQuestion } from "../../src/execution/moments-question.ts";
import { encodedStage, encodeShard } from "../../src/experiment/inputs/shards.ts";
import { runPipeline } from "../../src/experiment/pipeline.ts";
import { jobKindNamed } from "../../src/worker/job-kinds.ts";
import { tiny, tinyPipeline } from "../cli/tiny-pipeline.ts";
import { largestDifference } from "../helpers/comparisons.ts";
import { arrowBytes, type Columns, work } from "../worker/arrow-bytes.ts";

let folder: string;
let pipeline: Pipeline;
let catalog: Catalog;
let encoded: Map<string, EncodedRow>;
let alone: Bundle;

const stageFolder = () => join(folder, "stages");

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "moments-"));
  await writeFile(join(folder, "tiny.yaml"), tinyPipeline(tiny, join(folder, "alone")));
  const read = await loadPipeline(join(folder, "tiny.yaml"));
  const regressor = { ...read.config.regressor, kind: "ridge", regularization: 0.01, maximumItems: 4 };
  pipeline = { ...read, config: { ...read.config, regressor } };
  const context = { folder, stageFolder: stageFolder() };
  ({ catalog } = await ingestItems(read.config.data.items, context));
  await encodeShard(read.config, { number: 1, of: 1 }, context);
  const stage = await encodedStage(read.config, stageFolder(), context);
  encoded = new Map();
  for await (const rows of readEncodedParts(stage.folder, stage.blocks))
    for (const row of rows) encoded.set(row.id, row);
  await runPipeline(
    { ...pipeline.config, regressor: { ...regressor, maximumItems: 1000 } },
    { folder, evaluate: false },
  );
  alone = await loadBundle(join(folder, "alone", "bundle"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** What an engine gives the workers: items, beside what is asked of them and what was encoded. */
async function askedColumns(question: string, change: (row: EncodedRow) => EncodedRow): Promise<Columns> {
  const columns = { texts: ["_id", "_input", "_weight"], vectors: ["_factors"] };
  const tables = readVectorTables(await parquetFilesAt(join(question, "rows")), columns);
  const [table] = (await Readable.from(tables).toArray()) as VectorRows[];
  const places = Array.from({ length: table.rows }, (_, row) => row);
  const ids = places.map((row) => table.texts._id[row] ?? "");
  const own = ids.map((id) => catalog.ids.indexOf(id));
  const text = (cells: readonly (string | null)[]) => ({ type: "text", cells }) as const;
  const attributes = catalog.attributes.map(({ name }) => name);
  const floats = (cells: readonly (Float32Array | null)[]) =>
    ({ type: "floats", cells: cells.map((cell) => cell && Array.from(cell)) }) as const;
  const rows = ids.map((id) => change(encoded.get(id) as EncodedRow));
  const { items } = pipeline.config.data;
  const lines = (await readWhole(join(tiny, "items.jsonl"))).toString().trim().split("\n");
  const raw = new Map(lines.map((line) => JSON.parse(line)).map((item) => [item[items.columns.id], item]));
  const plain = (name: string) => text(ids.map((id) => raw.get(id)[name]?.toString() ?? null));
  expect(own).not.toContain(-1);
  return {
    item_id: text(ids),
    title: plain("title"),
    description: plain("description"),
    image: plain("image"),
    ...Object.fromEntries(attributes.map((name) => [name, plain(name)])),
    _input: text(rows.map(({ input }) => input)),
    _weight: text(places.map((row) => table.texts._weight[row])),
    _factors: floats(places.map((row) => listAt(table.vectors._factors, row))),
    ...Object.fromEntries(
      Object.keys(rows[0].vectors).map((name) => [`_block_${name}`, floats(rows.map(({ vectors }) => vectors[name]))]),
    ),
  };
}

/** An engine of one worker, which is given rows in batches of three. */
const engine =
  (change = (row: EncodedRow) => row) =>
  async (question: string) => {
    const columns = await askedColumns(question, change);
    const request = { by: "user", count: 10, images: tiny, pipeline, question: join(question, "question.safetensors") };
    const job = await jobKindNamed("moments").open({ ...request, by: "user" }, {});
    const { rows } = await work(job, arrowBytes(columns, [2]), 3);
    await mkdir(join(question, "answers"));
    const names = ["id", "moments", "quarantine"];
    const cells = names.map((name) => (row: number) => (rows[row][name] as string | null) ?? null);
    const types = names.map((name) => ({ name, type: "text" as const }));
    await fillParquetFile(join(question, "answers", "part-0.parquet"), types, [{ rows: rows.length, cells }]);
    await writeFile(join(question, "answers", "_SUCCESS"), "");
  };

const run = (name: string, addUpByEngine: (question: string) => Promise<void>) =>
  runPipeline(
    { ...pipeline.config, execution: { engine: "jobs", shards: 1 }, output: join(folder, name) },
    { folder, evaluate: false, stageFolder: join(stageFolder()), addUpByEngine },
  );

describe("moments that an engine adds up", () => {
  it("fit the regressor of one process, and are asked for once", async () => {
    const asked: string[] = [];
    const counting = async (question: string) => {
      asked.push(question);
      await engine()(question);
    };
    for (const name of ["parts", "again"]) {
      await run(name, counting);
      const { model } = await loadBundle(join(folder, name, "bundle"));
      expect(largestDifference(model.prior.values, alone.model.prior.values)).toBeLessThan(1e-4);
    }
    expect(asked).toHaveLength(1);
    await rm(join(stageFolder(), "moments"), { recursive: true });
  });

  it("are refused without an item that has changed since it was encoded, by its id", async () => {
    const [changed] = encoded.keys();
    const stale = engine((row) => (row.id === changed ? { ...row, input: "of another text" } : row));
    await expect(run("stale", stale)).rejects.toMatchObject({
      code: "SHARDS_MISSING",
      message: expect.stringContaining(`"${changed}": the item is not as it was encoded`),
    });
    await rm(join(stageFolder(), "moments"), { recursive: true });
  });

  it("set an item with a broken vector aside, and not the others of its batch", async () => {
    const [broken] = encoded.keys();
    const short = (row: EncodedRow) =>
      row.id === broken ? { ...row, vectors: { ...row.vectors, text: new Float32Array(3) } } : row;
    await expect(run("broken", engine(short))).rejects.toMatchObject({
      code: "SHARDS_MISSING",
      message: expect.stringMatching(new RegExp(`9 of 10 items are added up.*"${broken}"`)),
    });
  });

  it("refuse what is no question", () => {
    expect(() => decodeMomentsQuestion(Buffer.from("no"), "a")).toThrow(/a: /);
  });
});
