/**
 * Baseline `slim`: sparse linear methods (Ning and Karypis 2011). The column of every item is explained by those of its neighbours,
 *
 *   min over w >= 0, w_j = 0:  1/2 |x_j - X w|^2 + l2/2 |w|^2 + l1 |w|_1,    score(u, j) = sum over the items i of u: w_i,
 *
 * by coordinate descent. Only the nearest items by cosine may have a weight, which is the authors' fsSLIM.
 */
import { z } from "zod";
import type { ScoredContender, Scorer } from "../evaluation/ranking/scorer.ts";
import { defaultBackend } from "../math/compute/backend.ts";
import { sharedSparse } from "../math/compute/shared-memory.ts";
import { rowOf, type SparseMatrix, takeSparseRows, transposeSparse, zeros } from "../math/matrix.ts";
import { sparseBuilder } from "../math/sparse-builder.ts";
import { parseOptions } from "../options.ts";
import { type RunContext, throwIfInterrupted } from "../run-context.ts";
import type { Baseline } from "./model-kind.ts";
import { addScaledRow, nearestRows } from "./neighbours.ts";
import { onesOf } from "./taken-items.ts";

export const slimOptionsSchema = z.strictObject({
  l1: z.number().min(0).default(0.5).describe("penalty on the weights: the larger, the fewer are left"),
  l2: z.number().positive().default(5).describe("penalty on the squared weights"),
  neighbours: z.int().min(1).default(100).describe("items that may have a weight, the nearest by cosine"),
  sweeps: z.int().min(1).default(50).describe("passes over the weights of an item at most"),
  tolerance: z.number().positive().default(1e-4).describe("change of a weight below which an item is done"),
});

export type SlimOptions = z.input<typeof slimOptionsSchema>;
type ResolvedSlimOptions = z.output<typeof slimOptionsSchema>;

/** Fits on `train` (users x items, values ignored). */
export function slim(train: SparseMatrix, options: SlimOptions = {}, context: RunContext = {}): ScoredContender {
  const binary = onesOf(train);
  // Row j: the items that speak for j.
  const weights = slimWeights(transposeSparse(binary), parseOptions(slimOptionsSchema, options, "slim"), context);
  const influence = sharedSparse(transposeSparse(weights));
  const score: Scorer = (users, into) =>
    defaultBackend().multiplyBothSparse({ a: takeSparseRows(binary, users), b: influence, into });
  const similar = (items: Uint32Array) => {
    const scores = zeros(items.length, train.columns);
    for (const [i, item] of items.entries()) addScaledRow(influence, item, 1, rowOf(scores, i));
    return scores;
  };
  return { name: "slim", score, similar: { score: similar } };
}

/** Items by chunks of this many between two reports. */
const CHUNK = 256;

/** items x items, row j the weights w for item j; `items` is items x users, of ones. */
export function slimWeights(items: SparseMatrix, options: ResolvedSlimOptions, context: RunContext = {}): SparseMatrix {
  const nearest = nearestRows(items, { neighbours: options.neighbours, shrinkage: 0 });
  const builder = sparseBuilder(items.rows);
  const residual = new Float64Array(items.columns);
  for (let j = 0; j < items.rows; j++) {
    const candidates = nearest(j).rows.sort();
    const weights = descend(items, j, candidates, residual, options);
    for (const [c, candidate] of candidates.entries()) if (weights[c] > 0) builder.add(candidate, weights[c]);
    builder.endRow();
    if ((j + 1) % CHUNK !== 0 && j + 1 < items.rows) continue;
    throwIfInterrupted(context);
    context.onProgress?.({ stage: "slim", done: j + 1, total: items.rows });
  }
  return builder.build(items.rows);
}

/** The weights of the candidates for item j; `residual` (users) is zeros before and after. */
function descend(
  items: SparseMatrix,
  j: number,
  candidates: Uint32Array,
  residual: Float64Array,
  { l1, l2, sweeps, tolerance }: ResolvedSlimOptions,
): Float64Array {
  const weights = new Float64Array(candidates.length);
  addToTakers(items, j, 1, residual);
  for (let sweep = 0; sweep < sweeps; sweep++) {
    let largest = 0;
    for (const [c, candidate] of candidates.entries()) {
      const [begin, end] = [items.indptr[candidate], items.indptr[candidate + 1]];
      let product = weights[c] * (end - begin);
      for (let p = begin; p < end; p++) product += residual[items.indices[p]];
      // The minimum along this coordinate, which is a parabola to the right of zero.
      const weight = Math.max(0, product - l1) / (end - begin + l2);
      const change = weight - weights[c];
      if (change !== 0) addToTakers(items, candidate, -change, residual);
      weights[c] = weight;
      largest = Math.max(largest, Math.abs(change));
    }
    if (largest < tolerance) break;
  }
  for (const item of [j, ...candidates]) clearTakers(items, item, residual);
  return weights;
}

function addToTakers({ indptr, indices }: SparseMatrix, item: number, value: number, users: Float64Array): void {
  for (let p = indptr[item]; p < indptr[item + 1]; p++) users[indices[p]] += value;
}

function clearTakers({ indptr, indices }: SparseMatrix, item: number, users: Float64Array): void {
  for (let p = indptr[item]; p < indptr[item + 1]; p++) users[indices[p]] = 0;
}

export const slimKind: Baseline<SlimOptions> = {
  name: "slim",
  words: "sparse non-negative weights between items, each item explained by its neighbours",
  knowsContent: false,
  needsBehaviour: true,
  schema: slimOptionsSchema,
  choice: {
    grid: [0.5, 0.1, 2].flatMap((l1) => [5, 50].map((l2) => ({ l1, l2 }))),
    judgedOn: "warm",
  },
  fit: ({ train, context }, options) => slim(train, options, context),
};
