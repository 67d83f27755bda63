/**
 * Settings of the served vectors, and what stands for each of them where no validation has chosen. `embedItems` and `embedUsers` take it for what is `auto`, and the cheapest level of tuning keeps it: one set.
 */
import { type FeatureMatrix, hasContent } from "../data/feature-matrix.ts";
import type { ResolvedEmbeddingOptions } from "./embedding-options.ts";
import type { OwnAlsSettings } from "./own-als.ts";

/** How item vectors are made from the parts of a trained model. */
export interface ItemSettings {
  /** s: multiplies the precision of the prior for an item without interactions; 1 is the item's own regularisation in ALS. */
  readonly priorStrength: number;
  /** b: length of the content vector, as a share of the root mean square length of warm factors; 0 leaves it out. */
  readonly channelWeight: number;
  /** a: how far the vectors of little-known items are lifted towards the length of warm ones (lift.ts). */
  readonly lift: number;
  /** c: how much more the content of little-known items weighs against their factors, in logarithms; 0 as for known ones. */
  readonly contentLift: number;
}

/** How users are solved against item vectors. */
export interface UserSettings {
  /** t: users are solved against v / |v|^t, so that popular items, which are long, say less of a taste. */
  readonly userNormExponent: number;
  /** Share of its weight that an interaction loses with every later one of the same user. */
  readonly recencyDecay: number;
  /** Multiplies ALS's own regularisation l: served vectors have content beside factors, and are more. */
  readonly userRegularization: number;
  /** Multiplies ALS's own a0, the weight of what a user did not take. */
  readonly userUnobservedWeight: number;
  /** x: an item with x times the mean support counts half among what a user did not take; 0: every item in full. */
  readonly userExposure: number;
}

/** Everything that decides the served lists of a trained model. */
export interface ServingSettings extends ItemSettings, UserSettings {
  /** Stored default of the tail dial: the exponent on the item norm that is divided out of a score. */
  readonly tail: number;
}

/**
 * Most are neutral: the prior as strong as ALS's own regularisation, predictions at the length of warm factors, no forgetting.
 * channelWeight is not: about a third of the scale of the factors was best on three data sets.
 */
export const UNTUNED: ServingSettings = {
  priorStrength: 1,
  channelWeight: 0.35,
  lift: 1,
  contentLift: 0,
  userNormExponent: 0,
  recencyDecay: 0,
  userRegularization: 1,
  userUnobservedWeight: 1,
  userExposure: 0,
  tail: 0,
};

/** The same without content: a prior would be the same for all items, and there is nothing to lift them to (decision 240). */
const WITHOUT_CONTENT: ServingSettings = { ...UNTUNED, priorStrength: 0, lift: 0 };

/** The settings of the options, with untuned values for what is `auto`, of items with these features. */
export function untunedSettings(
  options: ResolvedEmbeddingOptions,
  features: Pick<FeatureMatrix, "values">,
): ServingSettings {
  const untuned = hasContent(features) ? UNTUNED : WITHOUT_CONTENT;
  const asSet = (option: number | "auto", value: number): number => (option === "auto" ? value : option);
  return {
    priorStrength: asSet(options.priorStrength, untuned.priorStrength),
    channelWeight: asSet(options.channel?.weight ?? 0, untuned.channelWeight),
    lift: asSet(options.lift, untuned.lift),
    contentLift: asSet(options.contentLift, untuned.contentLift),
    userNormExponent: asSet(options.userNormExponent, untuned.userNormExponent),
    recencyDecay: asSet(options.recencyDecay, untuned.recencyDecay),
    userRegularization: asSet(options.userRegularization, untuned.userRegularization),
    userUnobservedWeight: asSet(options.userUnobservedWeight, untuned.userUnobservedWeight),
    userExposure: options.userExposure,
    tail: asSet(options.tail, untuned.tail),
  };
}

/** Those of the options, or ALS as it is. */
export function untunedAls({ alsUnobservedWeight, alsRankTimes }: ResolvedEmbeddingOptions): OwnAlsSettings {
  const asSet = (option: number | "auto"): number => (option === "auto" ? 1 : option);
  return { alsUnobservedWeight: asSet(alsUnobservedWeight), alsRankTimes: asSet(alsRankTimes) };
}
