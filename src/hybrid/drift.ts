/**
 * Drift: how far the side that items are judged against has moved since the last full fit, |G' - G| / |G| for the Gram of user factors
 * then and now (Frobenius norms). An update solves changed rows against G'; every other row still rests on G, and so do the regressor and
 * the settings.
 */
import type { Matrix } from "../math/matrix.ts";

/** From this drift on a full run is due; decision 098 has the curve. */
export const DRIFT_LIMIT = 0.25;

/** 0 for the fit itself. Both k x k. */
export function driftBetween(fitted: Matrix<Float64Array>, now: Matrix<Float64Array>): number {
  let [difference, whole] = [0, 0];
  for (let p = 0; p < fitted.values.length; p++) {
    difference += (now.values[p] - fitted.values[p]) ** 2;
    whole += fitted.values[p] ** 2;
  }
  return whole > 0 ? Math.sqrt(difference / whole) : 0;
}
