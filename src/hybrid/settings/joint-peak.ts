/**
 * Joint training to its peak: alternates until the cold NDCG of the prior falls, measured on hidden items of the inner split, and
 * keeps the model of the best round.
 */
import type { AlsModel } from "../../als/als.ts";
import { factorRanker } from "../../evaluation/ranking/scorer.ts";
import { type Matrix, takeRows } from "../../math/matrix.ts";
import {
  fitJoint,
  type JointData,
  type JointModel,
  type JointOptions,
  type JointRound,
  type TrainingContext,
} from "../joint-training.ts";
import { coldNdcg, type Panel } from "./panel.ts";

export interface JointPeak {
  readonly model: JointModel;
  readonly rounds: number;
  /** Cold NDCG@10 of the prior after 0, 1, ... rounds. */
  readonly trials: readonly number[];
}

/** Alternates until the cold NDCG of the prior falls; the model and the round of its peak. */
export async function trainUntilPeak(
  start: JointData,
  cold: Panel,
  options: JointOptions,
  context: TrainingContext,
): Promise<JointPeak> {
  const trials: number[] = [];
  const coldFigure = async (als: AlsModel, prior: Matrix): Promise<number> => {
    const users = takeRows(als.userFactors, cold.users);
    const [ndcg] = await coldNdcg(cold, [{ name: "prior", ...factorRanker(users, prior, context.backend) }]);
    return ndcg;
  };
  const isRising = async ({ als, prior }: JointRound, round: number): Promise<boolean> => {
    const ndcg = await coldFigure(als, prior);
    const note = `cold NDCG@10 ${ndcg.toFixed(4)}`;
    context.onProgress?.({ stage: "validate joint training", done: round, total: options.rounds, note });
    const rising = trials.every((earlier) => ndcg > earlier);
    trials.push(ndcg);
    return rising;
  };
  const measurePrior = (prior: Matrix) => coldFigure(start.als, prior);
  const model = await fitJoint(start, options, { ...context, measurePrior }, isRising);
  return { model, rounds: trials.indexOf(Math.max(...trials)), trials };
}
