/**
 * The search over serving settings: one after the other, each at the values chosen before it, from the untuned ones. Most are the
 * best compromise of cold and warm items. Strength of the prior, cold level and tail dial share one budget of overall NDCG: each
 * goes as far as the budget allows, and what it costs is taken off.
 */
import type { RunContext } from "../../run-context.ts";
import { type ServingSettings, UNTUNED } from "../defaults.ts";
import {
  bestCompromise,
  budgetLeft,
  type DialTrial,
  fairestTail,
  furthest,
  type WeightTrial,
} from "./setting-trials.ts";
import type { Competition, Measure } from "./validation-measure.ts";

/** The values to try of every setting; one alone is taken as it is. */
export type Candidates = { readonly [name in keyof ServingSettings]: readonly number[] };

/** Every figure that chose. */
export interface SearchTrials {
  /** The dial before any choice: where it would stand then, the other settings are measured. */
  readonly firstTail: readonly DialTrial[];
  readonly priorStrength: readonly WeightTrial[];
  readonly userNorm: readonly WeightTrial[];
  readonly recency: readonly WeightTrial[];
  readonly channel: readonly WeightTrial[];
  readonly calibration: readonly WeightTrial[];
  readonly coldBalance: readonly WeightTrial[];
  readonly coldLevel: readonly WeightTrial[];
  readonly tail: readonly DialTrial[];
}

export interface SearchResult {
  readonly settings: ServingSettings;
  readonly trials: SearchTrials;
}

/** Chooses settings that give up at most `tolerance`, a share of the overall NDCG, for cold and tail items. */
export async function searchSettings(
  measure: Measure,
  candidates: Candidates,
  tolerance: number,
  context: Pick<RunContext, "onProgress"> = {},
): Promise<SearchResult> {
  let settings = startOf(candidates);
  const firstTail = await measure.dial(settings, candidates.tail);
  settings = { ...settings, tail: fairestTail(firstTail, tolerance) };
  const along = (name: keyof ServingSettings, competition?: Competition) =>
    measureAlong(measure, settings, { name, values: candidates[name], competition }, context);

  const priorStrength = await along("priorStrength");
  settings = { ...settings, priorStrength: furthest(priorStrength, tolerance) };
  const afterStrength = budgetLeft(priorStrength, tolerance, settings.priorStrength);

  const userNorm = await along("userNormExponent");
  settings = { ...settings, userNormExponent: bestCompromise(userNorm) };
  const recency = await along("recencyDecay");
  settings = { ...settings, recencyDecay: bestCompromise(recency) };
  const channel = await along("channelWeight");
  settings = { ...settings, channelWeight: bestCompromise(channel) };
  const calibration = await along("calibration");
  settings = { ...settings, calibration: bestCompromise(calibration) };
  const coldBalance = await along("coldBalance");
  settings = { ...settings, coldBalance: bestCompromise(coldBalance) };

  const coldLevel = await along("coldLevel", "everything");
  settings = { ...settings, coldLevel: furthest(coldLevel, afterStrength) };
  const afterLevel = budgetLeft(coldLevel, afterStrength, settings.coldLevel);
  const tail = await measure.dial(settings, candidates.tail);
  settings = { ...settings, tail: fairestTail(tail, afterLevel) };

  const weights = { userNorm, recency, channel, calibration, coldBalance, coldLevel };
  return { settings, trials: { firstTail, priorStrength, ...weights, tail } };
}

/** Untuned values, except for the first strength to try and a channel that is set or off. */
function startOf({ priorStrength, channelWeight }: Candidates): ServingSettings {
  const isSet = channelWeight.length === 1;
  return {
    ...UNTUNED,
    priorStrength: priorStrength[0],
    channelWeight: isSet ? channelWeight[0] : UNTUNED.channelWeight,
  };
}

interface Coordinate {
  readonly name: keyof ServingSettings;
  readonly values: readonly number[];
  readonly competition?: Competition;
}

async function measureAlong(
  measure: Measure,
  settings: ServingSettings,
  { name, values, competition }: Coordinate,
  { onProgress }: Pick<RunContext, "onProgress">,
): Promise<WeightTrial[]> {
  const trials: WeightTrial[] = [];
  for (const value of values) {
    onProgress?.({ stage: "choose settings", done: trials.length, total: values.length });
    trials.push({ value, ...(await measure.figures({ ...settings, [name]: value }, competition)) });
  }
  onProgress?.({ stage: "choose settings", done: trials.length, total: values.length });
  return trials;
}
