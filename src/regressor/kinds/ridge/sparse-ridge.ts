/**
 * Ridge on sparse rows whole, beside the columns of the other blocks: with X the centred and weighted rows of `wide-rows.ts`,
 *   (X X' + s I) A = Y,   W = X'A,
 * by conjugate gradients for every penalty at once. Time grows with the number of entries, whatever the vocabulary, and a new item is
 * predicted from its own entries.
 */
import type { FeatureBlock } from "../../../data/feature-matrix.ts";
import type { ComputeBackend } from "../../../math/compute/backend.ts";
import { type Matrix, rowRange } from "../../../math/matrix.ts";
import { solveShiftedBy } from "../../../math/shifted-gradients.ts";
import { centredRows, type TrainingSet, weightedMean } from "../../training-set.ts";
import type { RidgeMap } from "./ridge-regression.ts";
import { meanTimes, wideRows } from "./wide-rows.ts";

/** The held-out error of a penalty is told apart from its neighbours' long before the solution is exact. */
const GRADIENTS = { iterations: 100, tolerance: 1e-3 };

/** One map a penalty. `block` is the one whose columns the sparse rows stand for. */
export async function fitSparseRidge(
  set: TrainingSet,
  block: FeatureBlock,
  penalties: readonly number[],
  backend: ComputeBackend,
): Promise<RidgeMap[]> {
  const { x, y, weights } = set;
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const meanY = weightedMean(y, weights);
  const rows = wideRows(set, block, backend);
  const times = async (v: Matrix) => rows.times(await rows.transposedTimes(v));
  const shifts = penalties.map((penalty) => penalty * total);
  const duals = await solveShiftedBy(times, centredRows(y, meanY, weights), shifts, GRADIENTS);
  const maps: RidgeMap[] = [];
  for (const [p, dual] of duals.entries()) {
    const whole = await rows.transposedTimes(dual);
    const shift = meanTimes(rows.mean, whole);
    const terms = rowRange(whole, x.columns, whole.rows);
    maps.push({
      weights: rowRange(whole, 0, x.columns),
      terms: { ...terms, values: terms.values.map((value) => block.weight * value) },
      intercept: Float32Array.from(meanY, (mean, d) => mean - shift[d]),
      regularization: penalties[p],
    });
  }
  return maps;
}
