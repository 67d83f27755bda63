/**
 * What the search of settings moves through: the settings, the values that each may take, the order in which they move and where the
 * search starts. A setting that the options give has one value.
 */
import type { AlsModel } from "../../als/als.ts";
import { hasContent } from "../../data/feature-matrix.ts";
import type { Interactions } from "../../data/interactions.ts";
import { type ServingSettings, UNTUNED } from "../defaults.ts";
import type { ResolvedEmbeddingOptions } from "../embedding-options.ts";
import type { JointData } from "../joint-training.ts";
import type { TrainingSettings } from "../model-family.ts";
import type { Grid } from "./pattern-search.ts";

export type SearchSettings = ServingSettings & TrainingSettings;

/** Those that matter most first. */
export const ORDER = [
  "channelWeight",
  "recencyDecay",
  "tail",
  "userUnobservedWeight",
  "userRegularization",
  "lift",
  "contentLift",
  "priorStrength",
  "userNormExponent",
  "rounds",
  "alsUnobservedWeight",
  "alsRankTimes",
] as const satisfies readonly (keyof SearchSettings)[];

/** Rounds that the search moves through; more of them are tried while they pay. */
const SEARCHED_ROUNDS = 4;

/** The grid without rounds beyond those that are searched, or beyond so many. */
export function withinRounds(grid: Grid<SearchSettings>, most = 0): Grid<SearchSettings> {
  return { ...grid, rounds: grid.rounds.filter((rounds) => rounds <= Math.max(SEARCHED_ROUNDS, most)) };
}

/** Options of the ALS under the hybrid. Those of plain ALS stand unless others are clearly better. */
export const OWN_ALS = ["alsUnobservedWeight", "alsRankTimes"] as const satisfies readonly (typeof ORDER)[number][];

/** The grid with plain ALS alone, or the least of what the options allow. */
export function plainAlsOf(grid: Grid<SearchSettings>): Grid<SearchSettings> {
  return { ...grid, ...Object.fromEntries(OWN_ALS.map((name) => [name, grid[name].slice(0, 1)])) };
}

/**
 * Options of the user solve. Those that ALS was trained with stand unless others are clearly better. What is not taken comes first:
 * the more it weighs, the less a user needs to be regularised.
 */
export const USER_SOLVE = [
  "userUnobservedWeight",
  "userRegularization",
] as const satisfies readonly (typeof ORDER)[number][];

/** The grid with some settings held at those of `point`; one that the options give has its one value anyway. */
export function heldAt(
  grid: Grid<SearchSettings>,
  point: SearchSettings,
  names: readonly (keyof SearchSettings)[],
): Grid<SearchSettings> {
  const held = names.map((name) => [name, grid[name].includes(point[name]) ? [point[name]] : grid[name]]);
  return { ...grid, ...Object.fromEntries(held) };
}

/** Where a search begins that is told nothing. */
export const UNTUNED_POINT: SearchSettings = { ...UNTUNED, rounds: 0, alsUnobservedWeight: 1, alsRankTimes: 1 };

/** Fair to the tail: predictions as long as factors, content too, the dial in between. */
const FAIR: SearchSettings = {
  ...UNTUNED_POINT,
  channelWeight: 0.8,
  userNormExponent: 0.5,
  recencyDecay: 0.4,
  tail: 0.4,
};

/** At popular items: a strong prior, little content, no lift, the dial at 0. */
const HEAD: SearchSettings = {
  ...UNTUNED_POINT,
  priorStrength: 8,
  channelWeight: 0.2,
  lift: 0,
  recencyDecay: 0.2,
};

/** The objective may have a hill at each. */
export const STARTS: readonly SearchSettings[] = [FAIR, HEAD];

/**
 * The values to try of every setting: the option itself, or the candidates of `auto`. Without content (columns of the features) a
 * prior is the same for all items and would only shorten them: `auto` is no prior then, and nothing that content moves has two values.
 */
export function gridOf(
  options: ResolvedEmbeddingOptions,
  { interactions, features, als }: Pick<JointData, "features" | "als"> & { readonly interactions: Interactions },
): Grid<SearchSettings> {
  const { channel } = options;
  const toTry = (option: number | "auto", candidates: readonly number[]) =>
    option === "auto" ? [...new Set(candidates)].sort((a, b) => a - b) : [option];
  const ofContent = (option: number | "auto", candidates: readonly number[]) =>
    toTry(option, hasContent(features) ? candidates : [0]);
  const isShown = channel !== null && hasContent(features);
  const mayRetrain = interactions.indices.length < MANY;
  return {
    rounds: hasContent(features) ? roundsUpTo(mostRounds(options, interactions)) : [0],
    alsUnobservedWeight: toTry(options.alsUnobservedWeight, mayRetrain ? options.alsUnobservedCandidates : [1]),
    alsRankTimes: toTry(options.alsRankTimes, mayRetrain ? ranksToTry(options, als) : [1]),
    priorStrength: ofContent(options.priorStrength, options.priorStrengthCandidates),
    channelWeight: isShown ? toTry(channel.weight, channel.candidates) : [0],
    lift: ofContent(options.lift, options.liftCandidates),
    contentLift: isShown ? toTry(options.contentLift, options.contentLiftCandidates) : [0],
    userNormExponent: toTry(options.userNormExponent, options.userNormCandidates),
    recencyDecay: toTry(options.recencyDecay, isInOrder(options, interactions) ? options.recencyCandidates : [0]),
    userRegularization: toTry(options.userRegularization, options.userRegularizationCandidates),
    userUnobservedWeight: toTry(options.userUnobservedWeight, options.userUnobservedCandidates),
    userExposure: [options.userExposure],
    tail: toTry(options.tail, options.tailCandidates),
  };
}

/** Factors that validation tries: every trial solves thousands of users, each by the square of them. */
const MOST_FACTORS = 512;

/** The candidates that are not too many factors; the least of them always. */
function ranksToTry({ alsRankCandidates }: ResolvedEmbeddingOptions, { options: { rank } }: AlsModel): number[] {
  const least = Math.min(...alsRankCandidates);
  return alsRankCandidates.filter((times) => times === least || times * rank <= MOST_FACTORS);
}

/** Interactions from which on training takes long. */
const MANY = 1_000_000;

function mostRounds({ rounds }: ResolvedEmbeddingOptions, { indices }: Interactions): number {
  if (rounds !== "auto") return rounds;
  return indices.length < MANY ? 8 : SEARCHED_ROUNDS;
}

/** 0, 1, 2, 4, 8, ... below the limit, and the limit. */
function roundsUpTo(most: number): number[] {
  const rounds = [0];
  for (let round = 1; round < most; round *= 2) rounds.push(round);
  return most === 0 ? rounds : [...rounds, most];
}

/** What is held out at random in time cannot tell how fast to forget. */
function isInOrder({ validation }: ResolvedEmbeddingOptions, train: Interactions): boolean {
  return train.times !== undefined && validation.warm !== "random";
}
