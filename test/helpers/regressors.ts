/** Regressors of a known kind. */

import type { RidgeMap } from "../../src/regressor/kinds/ridge.ts";
import type { TaughtRegressor } from "../../src/regressor/regressor.ts";

/** The regressor, of which the type does not know that it is a ridge. */
export function asRidge<R extends TaughtRegressor>(regressor: R): R & RidgeMap {
  if (regressor.kind === "ridge") return regressor as R & RidgeMap;
  throw new Error(`expected a ridge, received ${regressor.kind}`);
}
