/**
 * Joint training to its peak: alternates until the cold NDCG of the prior falls, measured on hidden items of the inner split, and
 * keeps the model of the best round.
 */
import type { AlsModel } from "../collaborative/als.ts";
import type { FeatureMatrix } from "../data/feature-matrix.ts";
import type { Interactions } from "../data/interactions.ts";
import { factorScorer } from "../evaluation/scorer.ts";
import { type Matrix, takeRows } from "../math/matrix.ts";
import type { RegressorTrial } from "../regressor/regressor.ts";
import type { RegressorOptions } from "../regressor/regressor-options.ts";
import type { ResolvedEmbeddingOptions } from "./embedding-options.ts";
import { type EmbeddingContext, fitJoint, type JointModel } from "./joint-training.ts";
import { coldNdcg, type Validation } from "./validation.ts";

export interface JointPeak {
  readonly model: JointModel;
  readonly rounds: number;
  readonly trials: readonly number[];
  readonly regressorTrials: readonly RegressorTrial[];
}

/** Alternates until the cold NDCG of the prior falls; the model and the round of its peak. */
export async function trainUntilPeak(
  start: { readonly interactions: Interactions; readonly features: FeatureMatrix; readonly als: AlsModel },
  { cold }: Validation,
  options: ResolvedEmbeddingOptions & { readonly regressor: RegressorOptions },
  context: EmbeddingContext,
): Promise<JointPeak> {
  const trials: number[] = [];
  let regressorTrials: readonly RegressorTrial[] = [];
  const coldFigure = async (als: AlsModel, prior: Matrix): Promise<number> => {
    const users = takeRows(als.userFactors, cold.users);
    const [ndcg] = await coldNdcg(cold, [{ name: "prior", score: factorScorer(users, prior, context.kernel) }]);
    return ndcg;
  };
  let peak: { model: JointModel; rounds: number } | undefined;
  const keepGoing = async (model: JointModel, round: number): Promise<boolean> => {
    const ndcg = await coldFigure(model.als, model.prior);
    if (round === 0) regressorTrials = model.regressor.trials;
    const note = `cold NDCG@10 ${ndcg.toFixed(4)}`;
    context.onProgress?.({ stage: "validate joint training", done: round, total: options.rounds, note });
    const rising = trials.every((earlier) => ndcg > earlier);
    trials.push(ndcg);
    if (rising) peak = { model, rounds: round };
    return rising;
  };
  const measurePrior = (prior: Matrix) => coldFigure(start.als, prior);
  const last = await fitJoint(start, options, { ...context, measurePrior }, keepGoing);
  return { ...(peak ?? { model: last, rounds: options.rounds }), trials, regressorTrials };
}
