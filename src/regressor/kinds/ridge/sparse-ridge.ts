/**
 * Ridge on sparse rows whole, beside the columns of the other blocks: with X the centred and weighted rows of `wide-rows.ts`,
 *   (X X' + s I) A = Y,   W = X'A,
 * by conjugate gradients for every penalty at once. Time grows with the number of entries, whatever the vocabulary, and a new item is
 * predicted from its own entries.
 */
import type { FeatureBlock } from "../../../data/feature-matrix.ts";
import type { ComputeBackend } from "../../../math/compute/backend.ts";
import type { Matrix } from "../../../math/matrix.ts";
import { solveShiftedBy } from "../../../math/shifted-gradients.ts";
import { centredRows, type TrainingSet, weightedMean } from "../../training-set.ts";
import type { RidgeMap } from "./ridge-regression.ts";
import { wideRows } from "./wide-rows.ts";

/** The held-out error of a penalty is told apart from its neighbours' long before the solution is exact. */
const GRADIENTS = { iterations: 60, tolerance: 2e-3 };

/** One map a penalty. `block` is the one whose columns the sparse rows stand for. */
export async function fitSparseRidge(
  set: TrainingSet,
  block: FeatureBlock,
  penalties: readonly number[],
  backend: ComputeBackend,
): Promise<RidgeMap[]> {
  const { y, weights } = set;
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const meanY = weightedMean(y, weights);
  const rows = wideRows(set, block, backend);
  const shifts = penalties.map((penalty) => penalty * total);
  const duals = await solveShiftedBy(rows.gramTimes, centredRows(y, meanY, weights), shifts, GRADIENTS);
  const maps: RidgeMap[] = [];
  for (const [p, dual] of duals.entries()) {
    const { columns, terms } = await rows.transposedTimes(dual);
    const shift = meanTimes(rows.mean, [columns, terms]);
    for (let q = 0; q < terms.values.length; q++) terms.values[q] *= block.weight;
    maps.push({
      weights: columns,
      terms,
      intercept: Float32Array.from(meanY, (mean, d) => mean - shift[d]),
      regularization: penalties[p],
    });
  }
  return maps;
}

/** m'W of matrices that stand one above the other: k. */
function meanTimes(mean: Float64Array, parts: readonly Matrix[]): Float64Array {
  const sums = new Float64Array(parts[0].columns);
  let row = 0;
  for (const { rows, columns, values } of parts) {
    for (let j = 0; j < rows; j++, row++) {
      for (let d = 0; d < columns; d++) sums[d] += mean[row] * values[j * columns + d];
    }
  }
  return sums;
}
