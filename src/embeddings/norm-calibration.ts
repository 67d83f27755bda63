/**
 * Norm calibration between cold, tail and head. A regression to factors shrinks what it cannot know, so uncertain items come
 * out short and lose every ranking against the head; how long an item of such content is expected to be can be learnt as well:
 *   |h_i| <- |h_i|^(1 - s u_i) * exp(m(x_i))^(s u_i),
 * m a regressor of log |h| on the warm items, u_i in [0, 1] the uncertainty of the item, s in [0, 1] the strength.
 */
import type { FeatureMatrix } from "../data/feature-matrix.ts";
import { type Matrix, rowOf, zeros } from "../math/matrix.ts";
import { fitRegressor, type Regressor } from "../regressor/regressor.ts";
import type { EmbeddingContext } from "./joint-training.ts";

/** The regressor of log |h| on items with at least one interaction (one output). */
export function fitNorms(
  features: FeatureMatrix,
  factors: Matrix,
  support: Uint32Array,
  context: EmbeddingContext,
): Promise<Regressor> {
  const logNorms = zeros(factors.rows, 1);
  for (let i = 0; i < factors.rows; i++) logNorms.values[i] = Math.log(Math.max(length(rowOf(factors, i)), SHORTEST));
  return fitRegressor({ features, factors: logNorms, support }, {}, context);
}

/** Below this a factor vector is rounding; its logarithm would be an outlier. */
const SHORTEST = 1e-6;

/** Factors with calibrated lengths: n x k. `logNorms` is m(x) of every row, n x 1. */
export function calibrateNorms(factors: Matrix, logNorms: Matrix, uncertainty: Float32Array, strength: number): Matrix {
  const calibrated = zeros(factors.rows, factors.columns);
  for (let i = 0; i < factors.rows; i++) {
    const row = rowOf(factors, i);
    const norm = length(row);
    const share = strength * Math.min(1, uncertainty[i]);
    const factor = norm > SHORTEST ? Math.exp(share * (logNorms.values[i] - Math.log(norm))) : 1;
    for (let d = 0; d < row.length; d++) calibrated.values[i * row.length + d] = factor * row[d];
  }
  return calibrated;
}

function length(vector: Float32Array): number {
  return Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
}
