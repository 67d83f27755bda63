/**
 * Norm calibration of cold items. A regression to factors shrinks what it cannot know: a predicted vector is short, the more so
 * the stranger its content. What length an item of such content is expected to have is learnt as well, by a regressor m of
 * log |h| on warm items, and the factors of an item without interactions take the length
 *   log |h| = (1 - s) log |p| + s m(x) + (s - v) d,    d = mean over warm items of log |f(x)| - m(x)  (below 0).
 * The strength s in [0, 1] orders cold items among themselves and leaves their mean alone; the level v in [0, 1] lifts them all,
 * from where regression leaves them to where warm items of such content stand.
 */
import type { FeatureMatrix } from "../data/feature-matrix.ts";
import { defaultKernel } from "../math/kernel.ts";
import { type Matrix, rowOf, zeros } from "../math/matrix.ts";
import { fitRegressor, predictPrior, type Regressor } from "../regressor/regressor.ts";
import type { EmbeddingContext } from "./joint-training.ts";

export interface ExpectedNorms {
  /** m: one output. */
  readonly norms: Regressor;
  /** d. */
  readonly shrinkage: number;
}

export interface CalibrationWeights {
  /** s. */
  readonly calibration: number;
  /** v. */
  readonly coldLevel: number;
}

/** Below this a factor vector is rounding; its logarithm would be an outlier. */
const SHORTEST = 1e-6;

/** Learns m and d from the posterior factors and the priors of items with at least one interaction (all n x k). */
export async function fitNorms(
  features: FeatureMatrix,
  factors: Matrix,
  prior: Matrix,
  support: Uint32Array,
  context: EmbeddingContext,
): Promise<ExpectedNorms> {
  const norms = await fitRegressor({ features, factors: logNorms(factors), support }, {}, context);
  const expected = await predictPrior(norms, features, context.kernel ?? defaultKernel());
  const predicted = logNorms(prior);
  let shrinkage = 0;
  let warm = 0;
  for (let i = 0; i < support.length; i++) {
    if (support[i] === 0) continue;
    shrinkage += predicted.values[i] - expected.values[i];
    warm++;
  }
  return { norms, shrinkage: shrinkage / warm };
}

/** Factors with calibrated lengths where `support` is 0, the others as they are: n x k. */
export async function calibrateNorms(
  factors: Matrix,
  features: FeatureMatrix,
  support: Uint32Array,
  { norms, shrinkage }: ExpectedNorms,
  { calibration, coldLevel }: CalibrationWeights,
  context: EmbeddingContext,
): Promise<Matrix> {
  if (calibration === 0 && coldLevel === 0) return factors;
  const expected = await predictPrior(norms, features, context.kernel ?? defaultKernel());
  const own = logNorms(factors);
  const calibrated = { ...factors, values: factors.values.slice() };
  for (let i = 0; i < factors.rows; i++) {
    if (support[i] > 0 || own.values[i] <= Math.log(SHORTEST)) continue;
    const shift = calibration * (expected.values[i] - own.values[i]) + (calibration - coldLevel) * shrinkage;
    const row = rowOf(calibrated, i);
    for (let d = 0; d < row.length; d++) row[d] *= Math.exp(shift);
  }
  return calibrated;
}

function logNorms(matrix: Matrix): Matrix {
  const result = zeros(matrix.rows, 1);
  for (let i = 0; i < matrix.rows; i++) {
    const square = rowOf(matrix, i).reduce((sum, value) => sum + value * value, 0);
    result.values[i] = Math.log(Math.max(Math.sqrt(square), SHORTEST));
  }
  return result;
}
