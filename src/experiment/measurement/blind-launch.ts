/** Items that are launched without an interaction, and their vectors as clicks come in: the row solve of single items. */
import type { FeatureMatrix } from "../../data/feature-matrix.ts";
import type { HybridModel } from "../../hybrid/hybrid.ts";
import { confidenceInPriors } from "../../hybrid/item-parts.ts";
import { createItemSolver, liftedAgain } from "../../hybrid/live-items.ts";
import { type Matrix, rowOf } from "../../math/matrix.ts";
import { liftedUncertainty } from "../../serving/rule-world.ts";

/** By item row, the user rows that took it. */
export type Taken = ReadonlyMap<number, readonly number[]>;

export interface LaunchedVectors {
  /** n x d: launched items as the clicks so far put them, others as trained. */
  readonly vectors: Matrix;
  /** n: as scores have it, lift and all. */
  readonly uncertainty: Float32Array;
}

/** Solves some items against all who took them, and those without a taker from content alone. */
export type BlindLaunch = (taken: Taken) => Promise<LaunchedVectors>;

/** Undefined for a model that keeps no solve of single items. */
export function createBlindLaunch(
  model: HybridModel,
  features: FeatureMatrix,
  exposure: number,
): BlindLaunch | undefined {
  const { itemSolve, embeddings, prior, regressor } = model;
  if (itemSolve === undefined) return undefined;
  const solver = createItemSolver(model, itemSolve, exposure);
  const confidence = confidenceInPriors(features, regressor.missingBlockInflation);
  return async (taken) => {
    const rows = [...taken.keys()];
    const vectors = { ...embeddings.vectors, values: embeddings.vectors.values.slice() };
    const uncertainty = embeddings.uncertainty.slice();
    const support = embeddings.support.slice();
    const solved = await solver.solve(
      rows.map((row) => ({
        prior: rowOf(prior, row),
        confidenceInPrior: confidence[row],
        meetings: (taken.get(row) ?? []).map((user) => ({ user, weight: 1 })),
        share: 1,
      })),
    );
    for (const [i, row] of rows.entries()) {
      const lift = { before: embeddings.support[row], after: taken.get(row)?.length ?? 0 };
      rowOf(vectors, row).set(liftedAgain(rowOf(embeddings.vectors, row), rowOf(solved.factors, i), model, lift));
      uncertainty[row] = solved.uncertainty[i];
      support[row] = lift.after;
    }
    return { vectors, uncertainty: liftedUncertainty(uncertainty, support, model.lift) };
  };
}
