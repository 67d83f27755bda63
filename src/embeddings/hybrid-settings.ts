/**
 * Chooses the hybrid's settings on validation: how many joint rounds, the weight of the content channel, the default of the
 * tail dial (and that of plain ALS, which `als-calibrated` uses). Nothing here sees a test interaction.
 */
import { type AlsModel, fitAls } from "../collaborative/als.ts";
import type { AlsOptions } from "../collaborative/als-options.ts";
import type { FeatureMatrix } from "../data/feature-matrix.ts";
import type { Interactions } from "../data/interactions.ts";
import { evaluate } from "../evaluation/evaluate.ts";
import { type Contender, factorScorer } from "../evaluation/scorer.ts";
import { type Matrix, takeRows } from "../math/matrix.ts";
import type { RegressorOptions } from "../regressor/regressor-options.ts";
import { embedItems, embedUsers } from "./embed-items.ts";
import type { ResolvedEmbeddingOptions } from "./embedding-options.ts";
import { type EmbeddingContext, fitJoint, type JointModel } from "./joint-training.ts";
import { type DialTrial, fairestTail, measureDial } from "./tail-dial.ts";
import { type Panel, splitValidation, type Validation } from "./validation.ts";

export interface ChannelTrial {
  readonly weight: number;
  /** NDCG@10 of hidden items among hidden items. */
  readonly cold: number;
  /** NDCG@10 of held-out interactions over the whole catalog. */
  readonly warm: number;
}

/** What was chosen, and every figure that chose it. */
export interface HybridSettings {
  readonly rounds: number;
  readonly channelWeight: number;
  readonly tail: number;
  readonly alsTail: number;
  readonly trials: {
    /** Cold NDCG@10 of the prior after 0, 1, ... rounds. */
    readonly rounds: readonly number[];
    readonly channel: readonly ChannelTrial[];
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
  options: SettingsOptions,
  context: EmbeddingContext = {},
): Promise<HybridSettings> {
  const validation = splitValidation(interactions, options.embeddings);
  const als = await fitAls(validation.train, options.collaborative, context);
  const joint = await trainUntilPeak(validation, features, als, options, context);
  const channel = await chooseChannel(validation, features, joint.model, options, context);
  const alsTrials = await dialTrials(
    validation.warm,
    takeRows(als.userFactors, validation.warm.users),
    als.itemFactors,
    options,
    context,
  );
  return {
    rounds: joint.rounds,
    channelWeight: channel.weight,
    tail: tailOf(channel.tailTrials, options.embeddings),
    alsTail: fairestTail(alsTrials, options.embeddings.tailTolerance),
    trials: { rounds: joint.trials, channel: channel.trials, tail: channel.tailTrials, alsTail: alsTrials },
  };
}

function tailOf(trials: readonly DialTrial[], { tail, tailTolerance }: ResolvedEmbeddingOptions): number {
  return tail === "auto" ? fairestTail(trials, tailTolerance) : tail;
}

interface Peak {
  readonly model: JointModel;
  readonly rounds: number;
  readonly trials: readonly number[];
}

/** Alternates until the cold NDCG of the prior falls; the model and the round of its peak. */
async function trainUntilPeak(
  { train, cold }: Validation,
  features: FeatureMatrix,
  als: AlsModel,
  { embeddings, regressor }: SettingsOptions,
  context: EmbeddingContext,
): Promise<Peak> {
  const trials: number[] = [];
  let peak: { model: JointModel; rounds: number } | undefined;
  const keepGoing = async (model: JointModel, round: number): Promise<boolean> => {
    const users = takeRows(model.als.userFactors, cold.users);
    const [ndcg] = await coldNdcg(cold, [{ name: "prior", score: factorScorer(users, model.prior, context.kernel) }]);
    trials.push(ndcg);
    const rising = trials.slice(0, -1).every((earlier) => ndcg > earlier);
    if (rising) peak = { model, rounds: round };
    return rising;
  };
  const { rounds, sweepsPerRound } = embeddings;
  const last = await fitJoint(
    { interactions: train, features, als },
    { rounds, sweepsPerRound, regressor },
    context,
    keepGoing,
  );
  return { ...(peak ?? { model: last, rounds }), trials };
}

interface ChannelChoice {
  readonly weight: number;
  readonly trials: readonly ChannelTrial[];
  readonly tailTrials: readonly DialTrial[];
}

/** The weight with the best mean of cold and warm NDCG, each as a share of its own best. */
async function chooseChannel(
  { train, cold, warm }: Validation,
  features: FeatureMatrix,
  { als, regressor }: JointModel,
  options: SettingsOptions,
  context: EmbeddingContext,
): Promise<ChannelChoice> {
  const { channel } = options.embeddings;
  const weights = channel === null ? [0] : channel.weight === "auto" ? channel.candidates : [channel.weight];
  const data = { als, interactions: train, features, regressor };
  const items: Matrix[] = [];
  const users: { readonly cold: Matrix; readonly warm: Matrix }[] = [];
  for (const [w, weight] of weights.entries()) {
    const weighted = { ...options.embeddings, channel: channel && { ...channel, weight } };
    const { vectors } = await embedItems(data, weighted, context);
    const fold = (panel: Panel) => embedUsers(panel.train, vectors, als, context);
    items.push(vectors);
    users.push({ cold: await fold(cold), warm: await fold(warm) });
    context.onProgress?.({ stage: "choose settings", done: w + 1, total: weights.length });
  }
  const contenders = (panel: "cold" | "warm") =>
    weights.map((weight, w) => ({
      name: String(weight),
      score: factorScorer(users[w][panel], items[w], context.kernel),
    }));
  const coldFigures = await coldNdcg(cold, contenders("cold"));
  const warmFigures = await overallNdcg(warm, contenders("warm"));
  const trials = weights.map((weight, w) => ({ weight, cold: coldFigures[w], warm: warmFigures[w] }));
  const best = bestTrial(trials);
  const tailTrials = await dialTrials(warm, users[best].warm, items[best], options, context);
  return { weight: weights[best], trials, tailTrials };
}

function bestTrial(trials: readonly ChannelTrial[]): number {
  const bestCold = Math.max(...trials.map(({ cold }) => cold), Number.MIN_VALUE);
  const bestWarm = Math.max(...trials.map(({ warm }) => warm), Number.MIN_VALUE);
  const merits = trials.map(({ cold, warm }) => cold / bestCold + warm / bestWarm);
  return merits.indexOf(Math.max(...merits));
}

function dialTrials(
  { train, test }: Panel,
  userVectors: Matrix,
  itemVectors: Matrix,
  { embeddings }: SettingsOptions,
  context: EmbeddingContext,
): Promise<DialTrial[]> {
  return measureDial({ train, test, userVectors, itemVectors }, embeddings.tailCandidates, context);
}

const validationMetric = { metrics: ["ndcg@10"], resamples: 100 };

async function coldNdcg({ train, test }: Panel, contenders: readonly Contender[]): Promise<number[]> {
  // The panel's users met none of the hidden items, whoever else did: the targets are the candidates.
  const candidateFilter = new Uint8Array(test.columns);
  for (const item of test.indices) candidateFilter[item] = 1;
  const report = await evaluate({ train, test, contenders, slices: [], candidateFilter }, validationMetric);
  return report.results.map(({ value }) => value);
}

async function overallNdcg({ train, test }: Panel, contenders: readonly Contender[]): Promise<number[]> {
  const report = await evaluate({ train, test, contenders, slices: [] }, validationMetric);
  return report.results.map(({ value }) => value);
}
