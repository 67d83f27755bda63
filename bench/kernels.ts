/**
 * `npm run bench:kernels`: the kernel's jobs one by one, in GFLOP per second of processor time, for each instruction set
 * and for the TypeScript reference. Processor time, because the machine may have other work; one thread, for the same reason. The
 * matrices lie in shared memory, as those that several jobs read do; others are copied first (decision 053).
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ComputeBackend } from "../src/math/compute/backend.ts";
import { loadNativeAddon } from "../src/math/compute/native/native-addon.ts";
import { createNativeBackend } from "../src/math/compute/native/native-backend.ts";
import { createReferenceBackend } from "../src/math/compute/reference/reference-backend.ts";
import { sharedMatrix } from "../src/math/compute/shared-memory.ts";
import type { Matrix } from "../src/math/matrix.ts";
import { createRandom } from "../src/math/random.ts";

interface Job {
  readonly name: string;
  /** Multiplications and additions. */
  readonly operations: number;
  readonly run: (backend: ComputeBackend) => Promise<unknown>;
}

const random = createRandom(1);
const [square, tall, wide] = [normal(2000, 512), normal(100_000, 64), normal(10_000, 1024)];
const [many, one] = [normal(512, 64), normal(1, 64)];
const [small, large] = [await shiftedSystem(1500, 128), await shiftedSystem(4400, 96)];

const JOBS: readonly Job[] = [
  {
    name: "product 2000 x 2000 x 512",
    operations: 2 * 2000 ** 2 * 512,
    run: (k) => k.multiplyTransposed(square, square),
  },
  { name: "gram 100000 x 64", operations: 1e5 * 64 ** 2, run: (k) => k.gram(tall) },
  { name: "gram 10000 x 1024", operations: 1e4 * 1024 ** 2, run: (k) => k.gram(wide) },
  {
    name: "top-10, 512 queries x 100000 x 64",
    operations: 2 * 512 * 1e5 * 64,
    run: (k) => k.topK({ queries: many, items: tall, count: 10 }),
  },
  {
    name: "top-10, 1 query x 100000 x 64",
    operations: 2 * 1e5 * 64,
    run: (k) => k.topK({ queries: one, items: tall, count: 10 }),
  },
  ...[small, large].map(({ gram, right }) => ({
    name: `shifted solve ${gram.rows}, ${right.columns} right sides`,
    operations: gram.rows ** 3 / 3 + 2 * gram.rows ** 2 * right.columns,
    run: (k: ComputeBackend) => k.solveShifted(gram, right, [1]),
  })),
];

/** A positive definite matrix and right sides, normal numbers. */
async function shiftedSystem(n: number, columns: number) {
  const gram = await createNativeBackend().gram(normal(2 * n, n));
  return {
    gram,
    right: { rows: n, columns, values: Float64Array.from({ length: n * columns }, () => random.normal()) },
  };
}

const engines: [string, ComputeBackend, number][] = (loadNativeAddon().addon?.instructionSets ?? []).map(
  (instructionSet) => [`tailrec ${instructionSet}`, createNativeBackend({ threads: 1, instructionSet }), 9],
);
engines.push(["tailrec reference", createReferenceBackend({ threads: 1 }), 2]);

const figures: unknown[] = [];
for (const job of JOBS) {
  for (const [engine, backend, repeats] of engines) {
    const value = job.operations / (await fastest(() => job.run(backend), repeats)) / 1e9;
    figures.push({ case: job.name, engine, metric: "gflopPerCpuSecond", value, unit: "GFLOP/s" });
    console.log(`${job.name}: ${engine} ${value.toFixed(1)} GFLOP/s`);
  }
}
const folder = join(import.meta.dirname, "results");
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, "kernels.json"), `${JSON.stringify(figures, null, 1)}\n`);

function normal(rows: number, columns: number): Matrix {
  const values = Float32Array.from({ length: rows * columns }, () => random.normal());
  return sharedMatrix({ rows, columns, values });
}

/** Seconds of processor time of the fastest repetition. */
async function fastest(run: () => Promise<unknown>, repeats: number): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let repeat = 0; repeat < repeats; repeat++) {
    const before = process.cpuUsage();
    await run();
    const used = process.cpuUsage(before);
    best = Math.min(best, (used.user + used.system) / 1e6);
  }
  return best;
}
