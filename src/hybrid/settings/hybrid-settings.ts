/**
 * Chooses the hybrid's settings on an inner split of the training data: joint rounds to their peak, then a search over how the
 * trained model is served, then the dial of plain ALS, which the baseline `als-calibrated` uses. No test interaction is seen.
 */
import { type AlsModel, fitAls } from "../../als/als.ts";
import type { AlsOptions } from "../../als/als-options.ts";
import type { FeatureMatrix } from "../../data/feature-matrix.ts";
import type { Interactions } from "../../data/interactions.ts";
import { TailrecError } from "../../errors.ts";
import { takeRows } from "../../math/matrix.ts";
import type { RegressorTrial } from "../../regressor/regressor.ts";
import type { RegressorName } from "../../regressor/regressor-kinds.ts";
import type { RegressorOptions } from "../../regressor/regressor-options.ts";
import { type ServingSettings, UNTUNED, untunedSettings } from "../defaults.ts";
import type { ResolvedEmbeddingOptions } from "../embedding-options.ts";
import type { TrainingContext } from "../joint-training.ts";
import { createFamily } from "../model-family.ts";
import { type Candidates, type SearchTrials, searchSettings } from "./coordinate-search.ts";
import { type InnerSplit, splitValidation } from "./inner-split.ts";
import { trainUntilPeak } from "./joint-peak.ts";
import { dialTrials } from "./panel.ts";
import { type DialTrial, fairestTail } from "./setting-trials.ts";
import { measureOn } from "./validation-measure.ts";

/** What was chosen, and every figure that chose it. */
export interface HybridSettings extends ServingSettings {
  /** The kind of regressor: the option's, or what `auto` chose. */
  readonly regressorKind: RegressorName;
  readonly rounds: number;
  /** The dial of plain ALS. */
  readonly alsTail: number;
  readonly trials: SettingsTrials;
}

export interface SettingsTrials extends SearchTrials {
  /** Held-out errors of the regressor at round 0; with `auto`, every kind's, with the cold NDCG@10 of its prior. */
  readonly regressor: readonly RegressorTrial[];
  /** Cold NDCG@10 of the prior after 0, 1, ... rounds. */
  readonly rounds: readonly number[];
  readonly alsTail: readonly DialTrial[];
}

export interface SettingsOptions {
  readonly collaborative: AlsOptions;
  readonly regressor: RegressorOptions;
  readonly embeddings: ResolvedEmbeddingOptions;
}

/** Fits on the inner split and chooses; where the interactions cannot be split, untuned settings. */
export async function chooseSettings(
  interactions: Interactions,
  features: FeatureMatrix,
  { collaborative, regressor, embeddings }: SettingsOptions,
  context: TrainingContext = {},
): Promise<HybridSettings> {
  const split = splitOrNone(interactions, embeddings);
  if (split === undefined) return untunedChoice(regressor, embeddings);
  const { train } = split;
  const { tolerance } = embeddings;
  const als = await fitAls(train, collaborative, context);
  const start = { interactions: train, features, als };
  const { model, rounds, trials } = await trainUntilPeak(start, split.cold, { ...embeddings, regressor }, context);
  const family = await createFamily({ ...model, interactions: train, features }, embeddings, context);
  const measure = measureOn(split, family, context);
  const found = await searchSettings(measure, candidatesOf(embeddings, split), tolerance, context);
  const alsTail = await alsDial(als, split, embeddings, context);
  return {
    regressorKind: model.regressor.kind,
    rounds,
    ...found.settings,
    alsTail: fairestTail(alsTail, tolerance),
    trials: { regressor: model.trials, rounds: trials, ...found.trials, alsTail },
  };
}

/** Undefined where nothing can be held out: users with one interaction each, a single item. */
function splitOrNone(interactions: Interactions, embeddings: ResolvedEmbeddingOptions): InnerSplit | undefined {
  try {
    return splitValidation(interactions, embeddings);
  } catch (error) {
    if (error instanceof TailrecError && error.code === "NOT_ENOUGH_DATA") return undefined;
    throw error;
  }
}

function untunedChoice({ kind = "ridge" }: RegressorOptions, embeddings: ResolvedEmbeddingOptions): HybridSettings {
  const nothing = { firstTail: [], priorStrength: [], userNorm: [], recency: [], channel: [], calibration: [] };
  return {
    regressorKind: kind === "auto" ? "ridge" : kind,
    rounds: 0,
    ...untunedSettings(embeddings),
    alsTail: UNTUNED.tail,
    trials: { regressor: [], rounds: [], ...nothing, coldBalance: [], coldLevel: [], tail: [], alsTail: [] },
  };
}

/** The regressor's options with the kind that was chosen: `auto` is settled once, by validation. */
export function settledRegressor(options: RegressorOptions, { regressorKind }: HybridSettings): RegressorOptions {
  return { ...options, kind: regressorKind };
}

function alsDial(
  { userFactors, itemFactors }: AlsModel,
  { warm }: InnerSplit,
  { tailCandidates }: Pick<ResolvedEmbeddingOptions, "tailCandidates">,
  context: TrainingContext,
): Promise<DialTrial[]> {
  const vectors = { users: takeRows(userFactors, warm.users), items: itemFactors };
  return dialTrials(warm, vectors, tailCandidates, context);
}

/** The values to try of every setting: the option itself, or the candidates of `auto`. */
function candidatesOf(options: ResolvedEmbeddingOptions, split: InnerSplit): Candidates {
  const { channel, coldCandidates } = options;
  const toTry = (option: number | "auto", candidates: readonly number[]) => (option === "auto" ? candidates : [option]);
  return {
    priorStrength: toTry(options.priorStrength, options.priorStrengthCandidates),
    userNormExponent: toTry(options.userNormExponent, options.userNormCandidates),
    recencyDecay: toTry(options.recencyDecay, isInOrder(options, split) ? options.recencyCandidates : [0]),
    channelWeight: channel === null ? [0] : toTry(channel.weight, channel.candidates),
    calibration: toTry(options.calibration, options.calibrationCandidates),
    coldBalance: toTry(options.coldBalance, coldCandidates),
    coldLevel: toTry(options.coldLevel, coldCandidates),
    tail: toTry(options.tail, options.tailCandidates),
  };
}

/** What is held out at random in time cannot tell how fast to forget. */
function isInOrder({ validation }: ResolvedEmbeddingOptions, { train }: InnerSplit): boolean {
  return train.times !== undefined && validation.warm !== "random";
}
