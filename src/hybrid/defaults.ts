/**
 * Settings of the served vectors, and what stands for each of them where no validation has chosen. The search on validation
 * starts here, `embedItems` and `embedUsers` take it for what is `auto`, and the cheapest level of tuning keeps it: one set.
 */
import type { ResolvedEmbeddingOptions } from "./embedding-options.ts";

/** How item vectors are made from the parts of a trained model. */
export interface ItemSettings {
  /** s: multiplies the precision of the prior for an item without interactions; 1 is the item's own regularisation in ALS. */
  readonly priorStrength: number;
  /** b: length of the content vector, as a share of the root mean square length of warm factors; 0 leaves it out. */
  readonly channelWeight: number;
  /** 0 to 1: how far a cold item takes the length expected of its content; 0 keeps the length of the prediction. */
  readonly calibration: number;
  /** 0 to 1: how far a cold item's factors grow, beside its content vector, towards the lengths of warm ones. */
  readonly coldBalance: number;
  /** 0 to 1: how far a cold item's whole vector grows towards the lengths of warm ones. */
  readonly coldLevel: number;
}

/** How users are solved against item vectors. */
export interface UserSettings {
  /** t: users are solved against v / |v|^t, so that popular items, which are long, say less of a taste. */
  readonly userNormExponent: number;
  /** Share of its weight that an interaction loses with every later one of the same user. */
  readonly recencyDecay: number;
}

/** Everything that decides the served lists of a trained model. */
export interface ServingSettings extends ItemSettings, UserSettings {
  /** Stored default of the tail dial: the exponent on the item norm that is divided out of a score. */
  readonly tail: number;
}

/**
 * Most are neutral: the prior as strong as ALS's own regularisation, no correction of lengths, no forgetting. Two are not:
 * - channelWeight: best at about a third of the scale of the factors on three data sets.
 * - coldBalance: channel and balance both say how much content counts, so the search starts in the middle. From 0 it chose
 *   a small channel for the sake of cold items, which a higher balance serves as well (docs/decisions/051-one-set-of-defaults.md).
 */
export const UNTUNED: ServingSettings = {
  priorStrength: 1,
  channelWeight: 0.35,
  calibration: 0,
  coldBalance: 0.5,
  coldLevel: 0,
  userNormExponent: 0,
  recencyDecay: 0,
  tail: 0,
};

/** The settings of the options, with untuned values for what is `auto`. */
export function untunedSettings(options: ResolvedEmbeddingOptions): ServingSettings {
  const asSet = (option: number | "auto", untuned: number): number => (option === "auto" ? untuned : option);
  return {
    priorStrength: asSet(options.priorStrength, UNTUNED.priorStrength),
    channelWeight: asSet(options.channel?.weight ?? 0, UNTUNED.channelWeight),
    calibration: asSet(options.calibration, UNTUNED.calibration),
    coldBalance: asSet(options.coldBalance, UNTUNED.coldBalance),
    coldLevel: asSet(options.coldLevel, UNTUNED.coldLevel),
    userNormExponent: asSet(options.userNormExponent, UNTUNED.userNormExponent),
    recencyDecay: asSet(options.recencyDecay, UNTUNED.recencyDecay),
    tail: asSet(options.tail, UNTUNED.tail),
  };
}
