/**
 * Measures served vectors on the validation split at given weights, users solved against them: what the choice of every setting
 * of the hybrid rests on.
 */
import type { FeatureMatrix } from "../data/feature-matrix.ts";
import { takeInteractions } from "../data/interactions.ts";
import { factorScorer } from "../evaluation/scorer.ts";
import { type Matrix, rowRange } from "../math/matrix.ts";
import { type AssemblyWeights, assembleItems, embedUsers, solveParts, type UserWeights } from "./embed-items.ts";
import type { ResolvedEmbeddingOptions } from "./embedding-options.ts";
import type { EmbeddingContext, JointModel } from "./joint-training.ts";
import { type DialTrial, measureDial } from "./tail-dial.ts";
import { coldNdcg, overallNdcg, type Validation } from "./validation.ts";

/** A value tried, with NDCG@10 of hidden items among hidden items and of held-out interactions over the whole catalog. */
export interface WeightTrial {
  readonly value: number;
  readonly cold: number;
  readonly warm: number;
}

/** What assembles items and solves users. */
export interface ServingWeights extends AssemblyWeights, UserWeights {}

export interface Measure {
  each(values: readonly number[], weights: (value: number) => ServingWeights): Promise<WeightTrial[]>;
  dial(weights: ServingWeights): Promise<DialTrial[]>;
}

/** Measures served vectors of the peak model at given weights, users solved against them. */
export async function measureOf(
  validation: Validation,
  features: FeatureMatrix,
  { als, regressor }: JointModel,
  options: ResolvedEmbeddingOptions & { readonly priorStrength: number },
  context: EmbeddingContext,
): Promise<Measure> {
  const { cold, warm, train } = validation;
  const parts = await solveParts({ als, interactions: train, features, regressor }, options, context);
  const vectorsAt = async (weights: ServingWeights) => (await assembleItems(parts, weights, context)).vectors;
  // Both panels in one solve: what its coordinates cost does not depend on the number of users.
  const rows = takeInteractions(train, [...cold.users, ...warm.users]);
  const trial = async (value: number, weights: ServingWeights): Promise<WeightTrial> => {
    const vectors = await vectorsAt(weights);
    const users = await embedUsers(rows, vectors, als, weights, context);
    const contender = (begin: number, end: number) => {
      const panel = rowRange(users, begin, end);
      return [{ name: String(value), score: factorScorer(panel, vectors, context.kernel) }];
    };
    const [coldFigure] = await coldNdcg(cold, contender(0, cold.users.length));
    const [warmFigure] = await overallNdcg(warm, contender(cold.users.length, rows.rows));
    return { value, cold: coldFigure, warm: warmFigure };
  };
  const each: Measure["each"] = async (values, weights) => {
    const trials: WeightTrial[] = [];
    for (const value of values) {
      context.onProgress?.({ stage: "choose settings", done: trials.length, total: values.length });
      trials.push(await trial(value, weights(value)));
    }
    context.onProgress?.({ stage: "choose settings", done: trials.length, total: values.length });
    return trials;
  };
  const dial: Measure["dial"] = async (weights) => {
    const vectors = await vectorsAt(weights);
    const users = await embedUsers(warm.train, vectors, als, weights, context);
    return dialTrials(validation, users, vectors, options, context);
  };
  return { each, dial };
}

export function dialTrials(
  { warm }: Validation,
  userVectors: Matrix,
  itemVectors: Matrix,
  { tailCandidates }: ResolvedEmbeddingOptions,
  context: EmbeddingContext,
): Promise<DialTrial[]> {
  const { train, test } = warm;
  return measureDial({ train, test, userVectors, itemVectors }, tailCandidates, context);
}
