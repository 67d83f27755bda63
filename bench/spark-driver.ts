/**
 * The single machine's side of `npm run bench:spark`: writes seeded data for Spark into a folder, does the same work in this process, and
 * prints its processor seconds. Called with the folder.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fitAls } from "../src/als/als.ts";
import { settledAlsOptionsSchema } from "../src/als/als-options.ts";
import { solveHalfSweep } from "../src/als/half-sweep.ts";
import { npyParts } from "../src/data/files/npy.ts";
import { fillParquetFile } from "../src/data/files/parquet-file.ts";
import { rankTargets } from "../src/evaluation/ranking/measurement.ts";
import { factorRanker } from "../src/evaluation/ranking/scorer.ts";
import { createTieOrder } from "../src/evaluation/ranking/tie-order.ts";
import { writeQuestion } from "../src/execution/ranking-question.ts";
import type { Matrix, SparseMatrix } from "../src/math/matrix.ts";
import { generateInteractions } from "./als-data.ts";

const [folder] = process.argv.slice(2);
const SIZE = { users: 20_000, items: 5_000, interactions: 1_000_000 };
const options = settledAlsOptionsSchema.parse({
  rank: 64,
  iterations: 5,
  regularization: 5,
  regularizationExponent: 0,
  unobservedWeight: 1,
  confidenceScale: 4,
  solver: "cg",
});

async function cpuSeconds<T>(work: () => Promise<T>): Promise<readonly [T, number]> {
  const before = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  return [result, (user + system) / 1e6];
}

function save(name: string, matrix: Matrix): void {
  writeFileSync(join(folder, name), Buffer.concat(npyParts(matrix)));
}

async function writePairs({ rows, indptr, indices }: SparseMatrix): Promise<void> {
  const user = new Uint32Array(indices.length);
  for (let row = 0; row < rows; row++) user.fill(row, indptr[row], indptr[row + 1]);
  const cells = [(p: number) => `u${user[p]}`, (p: number) => `i${indices[p]}`, () => 1];
  const columns = [
    { name: "user", type: "text" as const },
    { name: "item", type: "text" as const },
    { name: "weight", type: "double" as const },
  ];
  await fillParquetFile(join(folder, "pairs.parquet"), columns, [{ rows: indices.length, cells }]);
}

const pairs = generateInteractions(SIZE);
await writePairs(pairs);
await fitAls(pairs, { ...options, iterations: 1 });
const [als, alsSeconds] = await cpuSeconds(() => fitAls(pairs, options));
save("users.npy", als.userFactors);
save("items.npy", als.itemFactors);
const [, solveSeconds] = await cpuSeconds(() => solveHalfSweep({ rows: pairs, factors: als.itemFactors }, options));

// One held-out item a user; what else is there takes no part.
const test = {
  rows: pairs.rows,
  columns: pairs.columns,
  indptr: Uint32Array.from({ length: pairs.rows + 1 }, (_, row) => row),
  indices: Uint32Array.from({ length: pairs.rows }, (_, row) => (row * 7) % pairs.columns),
  values: new Float32Array(pairs.rows).fill(1),
};
const tieOrder = createTieOrder(pairs.columns, 1);
const candidateSets = [{ rows: tieOrder.rows, targets: new Uint8Array(pairs.columns).fill(1) }];
const request = { train: pairs, test, candidateSets, tieOrder, depth: 20, listLength: 10 };
const ranker = factorRanker(als.userFactors, als.itemFactors);
const [, evaluateSeconds] = await cpuSeconds(() => rankTargets({ name: "als", ...ranker }, request, {}));
const { factors } = ranker;
const question = factors && (await writeQuestion(join(folder, "rankings"), [{ name: "als", factors }], request, {}));

console.log(
  JSON.stringify({
    question,
    rows: { users: pairs.rows, pairs: pairs.indices.length },
    cpu: {
      solve: solveSeconds / pairs.rows,
      evaluate: evaluateSeconds / pairs.rows,
      als: alsSeconds,
    },
  }),
);
