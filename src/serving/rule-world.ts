/** What rules are prepared against, from a fitted model: made when it is first asked for, kept after. */
import type { Catalog } from "../data/catalog.ts";
import { type FeatureMatrix, standardise } from "../data/feature-matrix.ts";
import { type Interactions, itemSupport } from "../data/interactions.ts";
import { newItemFlags } from "../data/recent-items.ts";
import type { HybridModel } from "../hybrid/hybrid.ts";
import { columnRange } from "../math/matrix.ts";
import { squaredNorms, unitRows } from "../math/row-norms.ts";
import { once } from "../once.ts";
import type { RuleWorld, ScoreSpread } from "../rules/rule-kind.ts";

export interface FittedWorld {
  readonly catalog: Catalog;
  readonly interactions: Interactions;
  readonly features: FeatureMatrix;
  readonly model: HybridModel;
}

export function ruleWorld({ catalog, interactions, features, model }: FittedWorld): RuleWorld {
  const { vectors } = model.embeddings;
  return {
    catalog,
    interactions,
    directions: once(() => unitRows(vectors)),
    contentDirections: once(() =>
      unitRows(columnRange(standardise(features, model.regressor.standardisation), 0, features.values.columns)),
    ),
    norms: once(() => squaredNorms(vectors).map(Math.sqrt)),
    newItems: once(() => newItemFlags(interactions)),
    spread: once(() => spreadOf(model, itemSupport(interactions))),
  };
}

/** The share of the items, those of most support, whose behaviour tells how far content is off. */
const WELL_KNOWN = 0.25;

/**
 * sd(w.h_i) = u_i sqrt(sum_d w_d^2 v_d): u the uncertainty of the posterior, 1 where complete content is all that is known, and v_d the
 * mean square by which the behaviour of well-known items differs from what content predicts.
 */
function spreadOf({ prior, behaviour, embeddings }: HybridModel, support: Uint32Array): ScoreSpread {
  const ranked = Array.from(support.keys()).sort((a, b) => support[b] - support[a] || a - b);
  const known = ranked.slice(0, Math.max(1, Math.round(WELL_KNOWN * ranked.length))).filter((row) => support[row] > 0);
  const variance = new Float64Array(prior.columns);
  for (const row of known) {
    for (let d = 0; d < variance.length; d++) {
      const at = row * prior.columns + d;
      variance[d] += (behaviour.values[at] - prior.values[at]) ** 2 / known.length;
    }
  }
  const ofQuery = (vector: Float32Array) => Math.sqrt(variance.reduce((sum, v, d) => sum + v * vector[d] ** 2, 0));
  return { uncertainty: embeddings.uncertainty, ofQuery };
}
