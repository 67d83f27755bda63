/**
 * Norm calibration of cold items. A regression to factors shrinks what it cannot know: a predicted vector is too short, the more
 * so the stranger its content. A regressor m of log |h|, fitted on warm items, tells what length to expect of such content:
 *   log |h| = (1 - s) log |p| + s m(x) + (s - a) d,    d = mean over warm items of log |f(x)| - m(x)  (below 0).
 * s in [0, 1] changes the order of cold items among themselves and leaves their mean length alone. a in [0, 1] lengthens their
 * factors beside their content vector, from what regression leaves to what warm items have. The whole vector v = [h ; b z] then
 * takes one factor for all cold items: l = 0 restores the mean length from before s and a, l = 1 gives that of warm items. So l
 * moves cold items against warm ones and changes nothing among themselves.
 */
import type { BackendContext } from "../als/half-sweep.ts";
import type { FeatureMatrix } from "../data/feature-matrix.ts";
import { defaultBackend } from "../math/compute/backend.ts";
import { type Matrix, rowOf } from "../math/matrix.ts";
import { squaredNorms } from "../math/row-norms.ts";
import { mean } from "../math/statistics.ts";
import { fitRegressor, predictPrior, type Regressor } from "../regressor/regressor.ts";
import type { ItemSettings } from "./defaults.ts";

export interface ExpectedNorms {
  /** m: one output. */
  readonly norms: Regressor;
  /** d. */
  readonly shrinkage: number;
}

/** s = `calibration`, a = `coldBalance`, l = `coldLevel`. */
export type CalibrationWeights = Pick<ItemSettings, "calibration" | "coldBalance" | "coldLevel">;

/** How the lengths of cold items are set. */
export interface NormCalibration {
  readonly norms: ExpectedNorms;
  readonly weights: CalibrationWeights;
  /** The factor on the whole vector of an item without interactions. */
  readonly coldScale: number;
}

/** The three settings of the norms among others. */
export function calibrationOf({ calibration, coldBalance, coldLevel }: CalibrationWeights): CalibrationWeights {
  return { calibration, coldBalance, coldLevel };
}

/** Below this a factor vector is rounding; its logarithm would be an outlier. */
const SHORTEST = 1e-6;

/** Learns m and d from the posterior factors and the priors of items with at least one interaction (all n x k). */
export async function fitNorms(
  features: FeatureMatrix,
  factors: Matrix,
  prior: Matrix,
  support: Uint32Array,
  context: BackendContext,
): Promise<ExpectedNorms> {
  const norms = await fitRegressor({ features, factors: logNorms(factors), support }, {}, context);
  const expected = await predictPrior(norms, features, context.backend ?? defaultBackend());
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

/** Predicted factors (n x k) with calibrated lengths, each as that of an item without interactions. */
export async function calibrateNorms(
  prior: Matrix,
  features: FeatureMatrix,
  { norms, shrinkage }: ExpectedNorms,
  { calibration, coldBalance }: Pick<CalibrationWeights, "calibration" | "coldBalance">,
  context: BackendContext,
): Promise<Matrix> {
  if (calibration === 0 && coldBalance === 0) return prior;
  const expected = await predictPrior(norms, features, context.backend ?? defaultBackend());
  const own = logNorms(prior);
  const calibrated = { ...prior, values: prior.values.slice() };
  for (let i = 0; i < prior.rows; i++) {
    if (own.values[i] <= Math.log(SHORTEST)) continue;
    const shift = calibration * (expected.values[i] - own.values[i]) + (calibration - coldBalance) * shrinkage;
    const row = rowOf(calibrated, i);
    for (let d = 0; d < row.length; d++) row[d] *= Math.exp(shift);
  }
  return calibrated;
}

/** Whole vectors of every item, n x d each, whose lengths at warm items say how cold ones compare. */
export interface ComparedVectors {
  /** The vectors with everything that interactions say. */
  readonly met: Matrix;
  /** The same items as if nobody had met them, before calibration. */
  readonly predicted: Matrix;
  /** The same, after calibration. */
  readonly calibrated: Matrix;
}

/** exp(L_p + l (L - L_p) - L_c), with L the mean log length over warm items: the factor on calibrated vectors of cold items. */
export function coldScale(vectors: ComparedVectors, support: Uint32Array, coldLevel: number): number {
  const met = meanLogNorm(vectors.met, support);
  const predicted = meanLogNorm(vectors.predicted, support);
  return Math.exp(predicted + coldLevel * (met - predicted) - meanLogNorm(vectors.calibrated, support));
}

function meanLogNorm(matrix: Matrix, support: Uint32Array): number {
  return mean(logNorms(matrix).values.filter((_, i) => support[i] > 0));
}

function logNorms(matrix: Matrix): Matrix {
  const values = Float32Array.from(squaredNorms(matrix), (square) => Math.log(Math.max(Math.sqrt(square), SHORTEST)));
  return { rows: matrix.rows, columns: 1, values };
}
