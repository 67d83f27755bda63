/** What rules are prepared against, from a fitted model: made when it is first asked for, kept after. */
import type { Catalog } from "../data/catalog.ts";
import { type FeatureMatrix, standardise } from "../data/feature-matrix.ts";
import type { Interactions } from "../data/interactions.ts";
import { newItemFlags } from "../data/recent-items.ts";
import type { HybridModel } from "../hybrid/hybrid.ts";
import { type Lift, liftAt } from "../hybrid/lift.ts";
import { columnRange } from "../math/matrix.ts";
import { squaredNorms, unitRows } from "../math/row-norms.ts";
import { once } from "../once.ts";
import type { RuleWorld, ScoreSpread } from "../rules/rule-kind.ts";

export interface FittedWorld {
  readonly catalog: Catalog;
  readonly userIds: readonly string[];
  readonly interactions: Interactions;
  readonly features: FeatureMatrix;
  readonly model: HybridModel;
}

export function ruleWorld({ catalog, userIds, interactions, features, model }: FittedWorld): RuleWorld {
  const users = once(() => new Set(userIds));
  const { vectors } = model.embeddings;
  return {
    catalog,
    interactions,
    hasUser: (id) => users().has(id),
    directions: once(() => unitRows(vectors)),
    contentDirections: once(() =>
      unitRows(columnRange(standardise(features, model.regressor.standardisation), 0, features.values.columns)),
    ),
    norms: once(() => squaredNorms(vectors).map(Math.sqrt)),
    newItems: once(() => newItemFlags(interactions)),
    spread: once(() => spreadOf(model)),
  };
}

/**
 * sd(w.h_i) = u_i exp(a / (1 + n_i)) sqrt(sum_d w_d^2 v_d): u the uncertainty of the posterior, 1 where complete content is all that is
 * known, v_d the variance of what content misses on held-out items, from which the posterior has its precision, and the lift of item i.
 */
function spreadOf({ embeddings, regressor, lift }: HybridModel): ScoreSpread {
  const { support, uncertainty } = embeddings;
  const variance = regressor.residualVariance;
  return {
    uncertainty: liftedUncertainty(uncertainty, support, lift),
    ofQuery: (vector) => Math.sqrt(variance.reduce((sum, v, d) => sum + v * vector[d] ** 2, 0)),
  };
}

/** Vectors that are lifted are as much more uncertain. */
export function liftedUncertainty(uncertainty: Float32Array, support: Uint32Array, { factors }: Lift): Float32Array {
  return uncertainty.map((value, row) => value * liftAt(factors, support[row]));
}
