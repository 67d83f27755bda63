/**
 * `npm run bench:worker`: what Arrow costs a worker. Each job runs on rows that are in memory, and on the same rows as a stream of record
 * batches. The difference is reading and writing Arrow. Processor seconds of the whole process, the median of three turns.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { settledAlsOptionsSchema } from "../src/als/als-options.ts";
import { loadPipeline } from "../src/config.ts";
import { ingestItems } from "../src/data/ingest/ingest.ts";
import { defaultBackend } from "../src/math/compute/backend.ts";
import { createRandom } from "../src/math/random.ts";
import { quantile } from "../src/math/statistics.ts";
import { arrowEncoder } from "../src/worker/arrow-output.ts";
import type { OpenedJob } from "../src/worker/job.ts";
import { openEncode } from "../src/worker/jobs/encode.ts";
import { openSolve } from "../src/worker/jobs/solve.ts";
import type { OutputColumn, OutputRow } from "../src/worker/record.ts";
import { runWorker } from "../src/worker/worker.ts";
import { randomMatrix } from "../test/helpers/matrices.ts";
import type { Figure } from "./figures.ts";
import { plainRows } from "./plain-rows.ts";

const TURNS = 3;
const ENCODED = 300;
const BATCH = 4096;
const [SOLVED, OTHERS, RANK, MET] = [10_000, 20_000, 64, 50];

interface BenchCase {
  readonly name: string;
  readonly job: OpenedJob;
  readonly columns: readonly OutputColumn[];
  readonly rows: readonly OutputRow[];
}

async function encodeCase(): Promise<BenchCase> {
  const { config, folder } = await loadPipeline(join(import.meta.dirname, "..", "pipelines", "shop.yaml"));
  const { items } = config.data;
  const { catalog } = await ingestItems(items, { folder });
  const rows = catalog.ids.slice(0, ENCODED).map((id, row) => ({
    item_id: id,
    title: catalog.titles[row],
    description: catalog.descriptions[row],
    image: catalog.images[row],
  }));
  const columns = ["item_id", "title", "description", "image"].map((name) => ({ name, type: "text" as const }));
  const job = await openEncode({ items, features: config.features, folder }, {});
  return { name: `encode: ${rows.length} texts and pictures of the shop`, job, columns, rows };
}

async function solveCase(): Promise<BenchCase> {
  const random = createRandom(1);
  const options = settledAlsOptionsSchema.parse({ rank: RANK, unobservedWeight: 0.1 });
  const job = await openSolve({ factors: randomMatrix(random, OTHERS, RANK), options }, {});
  const met = () => [...new Set(Array.from({ length: MET }, () => random.integer(OTHERS)))];
  const rows = Array.from({ length: SOLVED }, (_, row) => {
    const indices = Float32Array.from(met());
    return { id: String(row), indices, weights: new Float32Array(indices.length).fill(1) };
  });
  const columns: OutputColumn[] = [
    { name: "id", type: "text" },
    { name: "indices", type: "vector" },
    { name: "weights", type: "vector" },
  ];
  return { name: `solve: ${SOLVED} rows of ${MET}, rank ${RANK}`, job, columns, rows };
}

function batchesOf(rows: readonly OutputRow[]): OutputRow[][] {
  const count = Math.ceil(rows.length / BATCH);
  return Array.from({ length: count }, (_, batch) => rows.slice(batch * BATCH, (batch + 1) * BATCH));
}

async function bare({ job, rows }: BenchCase): Promise<void> {
  for (const batch of batchesOf(rows)) await job.run(plainRows(batch));
}

function streamOf({ columns, rows }: BenchCase): Uint8Array[] {
  const encoder = arrowEncoder(columns);
  return [encoder.begin, ...batchesOf(rows).map((batch) => encoder.batch(batch)), encoder.end];
}

async function through(job: OpenedJob, stream: readonly Uint8Array[]): Promise<void> {
  const output = new Writable({ write: (_chunk, _encoding, done) => done() });
  await runWorker(job, { input: Readable.from(stream), output }, { batch: BATCH });
}

async function cpuSeconds(work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

function median(values: readonly number[]): number {
  return quantile(
    values.toSorted((a, b) => a - b),
    0.5,
  );
}

async function measure(one: BenchCase): Promise<Figure[]> {
  const stream = streamOf(one);
  await bare(one);
  const [alone, piped]: number[][] = [[], []];
  for (let turn = 0; turn < TURNS; turn++) {
    alone.push(await cpuSeconds(() => bare(one)));
    piped.push(await cpuSeconds(() => through(one.job, stream)));
  }
  await one.job.close();
  const perRow = (seconds: readonly number[]) => (1e6 * median(seconds)) / one.rows.length;
  const figure = (engine: string, metric: string, value: number, unit: string) => ({
    case: one.name,
    engine,
    metric,
    value,
    unit,
  });
  return [
    figure("in memory", "cpuMicrosecondsPerRow", perRow(alone), "us"),
    figure("through Arrow", "cpuMicrosecondsPerRow", perRow(piped), "us"),
    figure("through Arrow", "overhead", perRow(piped) / perRow(alone) - 1, ""),
  ];
}

const figures: Figure[] = [];
for (const make of [encodeCase, solveCase]) figures.push(...(await measure(await make())));

const machine = `${cpus()[0].model}, ${availableParallelism()} cores, Node ${process.versions.node}, ${defaultBackend().name} kernel`;
const lines = [...new Set(figures.map((figure) => figure.case))].map((name) => {
  const [alone, piped, overhead] = figures.filter((figure) => figure.case === name).map(({ value }) => value);
  return `| ${name} | ${alone.toFixed(1)} | ${piped.toFixed(1)} | ${(100 * overhead).toFixed(1)} % |`;
});
const text = `# Workers

Made by \`npm run bench:worker\` on ${machine}. Processor microseconds a row, the median of ${TURNS} turns, batches of ${BATCH} rows.

| job | in memory | through Arrow | overhead |
|---|---|---|---|
${lines.join("\n")}
`;
const folder = join(import.meta.dirname, "results");
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, "worker.json"), `${JSON.stringify(figures, null, 1)}\n`);
writeFileSync(join(folder, "worker.md"), text);
console.log(text);
