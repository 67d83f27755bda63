/** Regressors of a known kind. */
import type { Regressor, RegressorReport } from "../../src/regressor/regressor.ts";
import type { RidgeMap } from "../../src/regressor/ridge.ts";

/** The regressor, of which the type does not know that it is a ridge. */
export function asRidge(regressor: Regressor): RegressorReport & RidgeMap {
  if (regressor.kind === "ridge") return regressor;
  throw new Error(`expected a ridge, received ${regressor.kind}`);
}
