/** Regressors of a known kind. */
import { ridge } from "../../src/regressor/kinds/ridge/ridge.ts";
import type { RidgeMap } from "../../src/regressor/kinds/ridge/ridge-regression.ts";
import type { FittedRegressor } from "../../src/regressor/regressor.ts";
import type { RegressorKind } from "../../src/regressor/regressor-kind.ts";

/** The regressor with the map of its kind, which the type alone does not know. */
export function asKind<R extends FittedRegressor, M extends object>(
  regressor: R,
  kind: Pick<RegressorKind<string, M>, "name" | "apply">,
): R & M {
  if (regressor.kind === kind.name) return regressor as R & M;
  throw new Error(`expected ${kind.name}, received ${regressor.kind}`);
}

export function asRidge<R extends FittedRegressor>(regressor: R): R & RidgeMap {
  return asKind(regressor, ridge);
}
