/**
 * Chooses the hybrid's settings on validation, one after the other: joint rounds, strength of the prior, norms and recency in the
 * user solve, weight of the content channel, norms of cold items, default of the tail dial (and that of plain ALS, which
 * `als-calibrated` uses). No test interaction is seen.
 */
import { fitAls } from "../../als/als.ts";
import type { AlsOptions } from "../../als/als-options.ts";
import type { FeatureMatrix } from "../../data/feature-matrix.ts";
import type { Interactions } from "../../data/interactions.ts";
import { takeRows } from "../../math/matrix.ts";
import type { RegressorTrial } from "../../regressor/regressor.ts";
import type { RegressorKind } from "../../regressor/regressor-map.ts";
import type { RegressorOptions } from "../../regressor/regressor-options.ts";
import { UNTUNED } from "../embed-items.ts";
import type { ResolvedEmbeddingOptions } from "../embedding-options.ts";
import type { EmbeddingContext } from "../joint-training.ts";
import { type DialTrial, fairestTail } from "../tail-dial.ts";
import { splitValidation, type Validation } from "./inner-split.ts";
import { trainUntilPeak } from "./joint-peak.ts";
import { dialTrials, type Measure, measuring, type ServingWeights, type WeightTrial } from "./serving-measure.ts";
import { bestCompromise, candidatesOf, furthest, toleranceLeft } from "./settings-rules.ts";

/** What was chosen, and every figure that chose it. */
export interface HybridSettings {
  /** The kind of regressor: the option's, or what `auto` chose. */
  readonly regressorKind: RegressorKind;
  readonly rounds: number;
  readonly priorStrength: number;
  readonly userNormExponent: number;
  readonly recencyDecay: number;
  readonly channelWeight: number;
  readonly calibration: number;
  readonly coldBalance: number;
  readonly coldLevel: number;
  readonly tail: number;
  readonly alsTail: number;
  readonly trials: {
    /** Held-out errors of the regressor at round 0; with `auto`, every kind's, with the cold NDCG@10 of its prior. */
    readonly regressor: readonly RegressorTrial[];
    /** Cold NDCG@10 of the prior after 0, 1, ... rounds. */
    readonly rounds: readonly number[];
    /** The dial before any choice: where it would stand then, the weights are measured. */
    readonly firstTail: readonly DialTrial[];
    readonly priorStrength: readonly WeightTrial[];
    readonly userNorm: readonly WeightTrial[];
    readonly recency: readonly WeightTrial[];
    readonly channel: readonly WeightTrial[];
    readonly calibration: readonly WeightTrial[];
    readonly coldBalance: readonly WeightTrial[];
    readonly coldLevel: readonly WeightTrial[];
    readonly tail: readonly DialTrial[];
    readonly alsTail: readonly DialTrial[];
  };
}

export interface SettingsOptions {
  readonly collaborative: AlsOptions;
  readonly regressor: RegressorOptions;
  readonly embeddings: ResolvedEmbeddingOptions;
}

/** Fits on the inner split and chooses. NOT_ENOUGH_DATA when the interactions cannot be split. */
export async function chooseSettings(
  interactions: Interactions,
  features: FeatureMatrix,
  { collaborative, regressor, embeddings }: SettingsOptions,
  context: EmbeddingContext = {},
): Promise<HybridSettings> {
  const validation = splitValidation(interactions, embeddings);
  const als = await fitAls(validation.train, collaborative, context);
  const data = { interactions: validation.train, features, als };
  const peak = await trainUntilPeak(data, validation, { ...embeddings, regressor }, context);
  const measureAt = await measuring(validation, features, peak.model, embeddings, context);
  const { start, ...strength } = await chooseStrength(measureAt, embeddings);
  const { priorStrength } = strength;
  const measure = await measureAt(priorStrength);
  const left = toleranceLeft(strength.trials.priorStrength, embeddings.tolerance, priorStrength);
  const { weights, trials } = await chooseWeights(measure, start, left, validation, embeddings);
  const tail = await measure.dial(weights);
  const users = takeRows(als.userFactors, validation.warm.users);
  const alsTail = await dialTrials(validation, users, als.itemFactors, embeddings, context);
  return {
    regressorKind: peak.model.regressor.kind,
    rounds: peak.rounds,
    priorStrength,
    ...weights,
    tail: dialOf(embeddings, tail, toleranceLeft(trials.coldLevel, left, weights.coldLevel)),
    alsTail: fairestTail(alsTail, embeddings.tolerance),
    trials: {
      regressor: peak.model.trials,
      rounds: peak.trials,
      ...strength.trials,
      ...trials,
      tail,
      alsTail,
    },
  };
}

interface Strength {
  readonly priorStrength: number;
  /** Where the choice of the weights goes on. */
  readonly start: ServingWeights;
  readonly trials: Pick<HybridSettings["trials"], "firstTail" | "priorStrength">;
}

/** The strongest prior within tolerance, measured where the dial would stand before any choice. */
async function chooseStrength(
  measureAt: (priorStrength: number) => Promise<Measure>,
  embeddings: ResolvedEmbeddingOptions,
): Promise<Strength> {
  const strengths = candidatesOf(embeddings.priorStrength, embeddings.priorStrengthCandidates);
  const untuned = { ...UNCALIBRATED, channelWeight: untunedWeight(embeddings) };
  const first = await measureAt(strengths[0]);
  const firstTail = await first.dial(untuned);
  const start = { ...untuned, tail: dialOf(embeddings, firstTail, embeddings.tolerance) };
  const trials: WeightTrial[] = [];
  for (const strength of strengths) {
    const measure = strength === strengths[0] ? first : await measureAt(strength);
    trials.push(...(await measure.each([strength], () => start)));
  }
  const priorStrength = furthest(trials, embeddings.tolerance);
  return { priorStrength, start, trials: { firstTail, priorStrength: trials } };
}

type WeightTrials = Pick<
  HybridSettings["trials"],
  "userNorm" | "recency" | "channel" | "calibration" | "coldBalance" | "coldLevel"
>;

/** Where the dial stands: as set, or at the fairest of the trials. */
function dialOf({ tail }: ResolvedEmbeddingOptions, trials: readonly DialTrial[], tolerance: number): number {
  return tail === "auto" ? fairestTail(trials, tolerance) : tail;
}

/** Along one weight after the other, each at the values chosen before it. */
async function chooseWeights(
  measure: Measure,
  start: ServingWeights,
  tolerance: number,
  validation: Validation,
  embeddings: ResolvedEmbeddingOptions,
): Promise<{ readonly weights: ServingWeights; readonly trials: WeightTrials }> {
  const userNorms = candidatesOf(embeddings.userNormExponent, embeddings.userNormCandidates);
  const userNorm = await measure.each(userNorms, (value) => ({ ...start, userNormExponent: value }));
  const normed = { ...start, userNormExponent: bestCompromise(userNorm) };
  const decays = recencyCandidates(embeddings, validation);
  const recency = await measure.each(decays, (value) => ({ ...normed, recencyDecay: value }));
  const folded = { ...normed, recencyDecay: bestCompromise(recency) };
  const channel = await measure.each(channelCandidates(embeddings), (value) => ({ ...folded, channelWeight: value }));
  const channelled = { ...folded, channelWeight: bestCompromise(channel) };
  const strengths = candidatesOf(embeddings.calibration, embeddings.calibrationCandidates);
  const calibration = await measure.each(strengths, (value) => ({ ...channelled, calibration: value }));
  const calibrated = { ...channelled, calibration: bestCompromise(calibration) };
  const balances = candidatesOf(embeddings.coldBalance, embeddings.coldCandidates);
  const coldBalance = await measure.each(balances, (value) => ({ ...calibrated, coldBalance: value }));
  const balanced = { ...calibrated, coldBalance: bestCompromise(coldBalance) };
  const levels = candidatesOf(embeddings.coldLevel, embeddings.coldCandidates);
  const coldLevel = await measure.each(levels, (value) => ({ ...balanced, coldLevel: value }), "everything");
  const weights = { ...balanced, coldLevel: furthest(coldLevel, tolerance) };
  return { weights, trials: { userNorm, recency, channel, calibration, coldBalance, coldLevel } };
}

/**
 * Where the choice of the weights starts. Channel and balance both say how much content counts: from a balance of 0 the channel is chosen
 * small for the sake of cold items, which a higher balance serves as well (Amazon Scientific, inner split, overall and cold NDCG@10:
 * .098 and .126 at weight .4 and balance .75, .102 and .126 at .8 and 1).
 */
const UNCALIBRATED = { userNormExponent: 0, recencyDecay: 0, calibration: 0, coldBalance: 0.5, coldLevel: 0, tail: 0 };

/** What is held out at random in time cannot tell how fast to forget. */
function recencyCandidates(embeddings: ResolvedEmbeddingOptions, { train }: Validation): readonly number[] {
  const inOrder = train.times !== undefined && embeddings.validation.warm !== "random";
  if (embeddings.recencyDecay === "auto" && !inOrder) return [0];
  return candidatesOf(embeddings.recencyDecay, embeddings.recencyCandidates);
}

/** The regressor's options with the kind that was chosen: `auto` is settled once, by validation. */
export function settledRegressor(options: RegressorOptions, { regressorKind }: HybridSettings): RegressorOptions {
  return { ...options, kind: regressorKind };
}

/** The weight with which the user exponent is chosen, before the channel's own is. */
function untunedWeight({ channel }: ResolvedEmbeddingOptions): number {
  if (channel === null) return 0;
  return channel.weight === "auto" ? UNTUNED.channelWeight : channel.weight;
}

function channelCandidates({ channel }: ResolvedEmbeddingOptions): readonly number[] {
  if (channel === null) return [0];
  return channel.weight === "auto" ? channel.candidates : [channel.weight];
}
