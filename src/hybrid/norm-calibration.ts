/**
 * Lengths of new items as bundles before format 3 set them; such bundles still embed new items. A regressor m of log |h| on
 * content said what length to expect, and the factors of an item without interactions took the length
 *   log |h| = (1 - s) log |p| + s m(x) + (s - a) d,    d = mean over warm items of log |f(x)| - m(x);
 * the whole vector was then multiplied by one factor. Today's models lift instead (lift.ts).
 */
import type { BackendContext } from "../als/half-sweep.ts";
import type { FeatureMatrix } from "../data/feature-matrix.ts";
import { defaultBackend } from "../math/compute/backend.ts";
import { type Matrix, rowOf } from "../math/matrix.ts";
import { squaredNorms } from "../math/row-norms.ts";
import { predictPrior, type Regressor } from "../regressor/regressor.ts";

export interface NormCalibration {
  /** m: one output. */
  readonly norms: Regressor;
  /** d. */
  readonly shrinkage: number;
  /** s. */
  readonly calibration: number;
  /** a. */
  readonly coldBalance: number;
  /** The factor on the whole vector of an item without interactions. */
  readonly coldScale: number;
}

/** Below this a factor vector is rounding; its logarithm would be an outlier. */
const SHORTEST = 1e-6;

/** Predicted factors (n x k) with calibrated lengths. */
export async function calibrateNorms(
  prior: Matrix,
  features: FeatureMatrix,
  { norms, shrinkage, calibration, coldBalance }: NormCalibration,
  context: BackendContext,
): Promise<Matrix> {
  if (calibration === 0 && coldBalance === 0) return prior;
  const expected = await predictPrior(norms, features, context.backend ?? defaultBackend());
  const squares = squaredNorms(prior);
  const calibrated = { ...prior, values: prior.values.slice() };
  for (let i = 0; i < prior.rows; i++) {
    const own = Math.fround(Math.log(Math.max(Math.sqrt(squares[i]), SHORTEST)));
    if (own <= Math.log(SHORTEST)) continue;
    const shift = calibration * (expected.values[i] - own) + (calibration - coldBalance) * shrinkage;
    const row = rowOf(calibrated, i);
    for (let d = 0; d < row.length; d++) row[d] *= Math.exp(shift);
  }
  return calibrated;
}
