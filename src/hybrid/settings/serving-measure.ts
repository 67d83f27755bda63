/**
 * Measures served vectors on the validation split at given weights, users solved against them: what the choice of every setting
 * of the hybrid rests on.
 */
import type { AlsModel } from "../../als/als.ts";
import type { FeatureMatrix } from "../../data/feature-matrix.ts";
import { takeInteractions } from "../../data/interactions.ts";
import { factorRanker } from "../../evaluation/ranking/scorer.ts";
import { type Matrix, rowRange } from "../../math/matrix.ts";
import {
  type AssemblyWeights,
  assembleItems,
  type EmbeddingParts,
  embedUsers,
  sharedParts,
  solvePartsAt,
  type UserWeights,
} from "../embed-items.ts";
import type { ResolvedEmbeddingOptions } from "../embedding-options.ts";
import type { EmbeddingContext, JointModel } from "../joint-training.ts";
import { scaleNorms } from "../norms.ts";
import { type DialTrial, measureDial } from "../tail-dial.ts";
import { coldNdcg, overallNdcg, type Panel, type Validation } from "./inner-split.ts";

/** A value tried, with NDCG@10 of hidden items among hidden items and of held-out interactions over the catalog. */
export interface WeightTrial {
  readonly value: number;
  readonly cold: number;
  readonly warm: number;
}

/** What assembles items, solves users and turns the dial. */
export interface ServingWeights extends AssemblyWeights, UserWeights {
  readonly tail: number;
}

export interface Measure {
  /** `against`: whether hidden items compete with those of the warm panel, which shows the price of lifting them. */
  each(
    values: readonly number[],
    weights: (value: number) => ServingWeights,
    against?: "known" | "everything",
  ): Promise<WeightTrial[]>;
  dial(weights: ServingWeights): Promise<DialTrial[]>;
}

/** Measures served vectors of the model at a strength of the prior and given weights. */
export async function measuring(
  validation: Validation,
  features: FeatureMatrix,
  { als, regressor, prior }: JointModel,
  options: ResolvedEmbeddingOptions,
  context: EmbeddingContext,
): Promise<(priorStrength: number) => Promise<Measure>> {
  const data = { als, interactions: validation.train, features, regressor, prior };
  const shared = await sharedParts(data, options, context);
  return async (priorStrength) => {
    const parts = await solvePartsAt(shared, priorStrength, context);
    return measureOf(validation, parts, als, options, context);
  };
}

function measureOf(
  validation: Validation,
  parts: EmbeddingParts,
  als: AlsModel,
  options: ResolvedEmbeddingOptions,
  context: EmbeddingContext,
): Measure {
  const { cold, warm, train } = validation;
  const vectorsAt = async (weights: ServingWeights) => (await assembleItems(parts, weights, context)).vectors;
  // Both panels in one solve: what its coordinates cost does not depend on the number of users.
  const rows = takeInteractions(train, [...cold.users, ...warm.users]);
  const figures = async (weights: ServingWeights, known: Panel): Promise<Omit<WeightTrial, "value">> => {
    const vectors = await vectorsAt(weights);
    const users = await embedUsers(rows, vectors, als, weights, context);
    const served = scaleNorms(vectors, weights.tail);
    const contender = (begin: number, end: number) => {
      return [{ name: "served", ...factorRanker(rowRange(users, begin, end), served, context.backend) }];
    };
    const [coldFigure] = await coldNdcg(cold, contender(0, cold.users.length));
    const [warmFigure] = await overallNdcg(known, contender(cold.users.length, rows.rows));
    return { cold: coldFigure, warm: warmFigure };
  };
  const each: Measure["each"] = async (values, weights, against = "known") => {
    const known = against === "known" ? warm : { ...warm, candidates: undefined };
    const trials: WeightTrial[] = [];
    for (const value of values) {
      context.onProgress?.({ stage: "choose settings", done: trials.length, total: values.length });
      trials.push({ value, ...(await figures(weights(value), known)) });
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
  return measureDial({ ...warm, userVectors, itemVectors }, tailCandidates, context);
}
