/**
 * What may be fitted on the training side of a split, when somebody asks: its features, and the models that take part. Protocols
 * that share a split share what was fitted on it.
 */
import type { Interactions } from "../../data/interactions.ts";
import type { MetricExtensions } from "../../evaluation/metrics/metric-kinds.ts";
import type { ParsedFeatures } from "../../features/feature-options.ts";
import type { TrainingContext } from "../../hybrid/joint-training.ts";
import type { SettingsOptions } from "../../hybrid/settings/hybrid-settings.ts";
import { once } from "../../once.ts";
import { type FittedModels, fitModels } from "../models/fitted-models.ts";
import { createModelData, type ModelData } from "../models/model-data.ts";
import { type ModelExtensions, modelsWith } from "../models/model-kinds.ts";
import { type FittedFeatures, featuresFor, type Prepared } from "./training-features.ts";

/** What a measurement is given besides data and options. */
export interface MeasurementContext extends TrainingContext, MetricExtensions, ModelExtensions {}

/** The parts of a pipeline that a training side is fitted with. */
export interface SideOptions {
  readonly features: ParsedFeatures;
  readonly fit: SettingsOptions;
  /** Names of the models that take part. */
  readonly models: readonly string[];
  /** Seed of what baselines draw. */
  readonly seed: number;
}

/** Which of a user's interactions the split holds out: validation imitates it. */
export type HeldOutOrder = "latest" | "random";

export interface SplitSide {
  readonly features: () => Promise<FittedFeatures>;
  /** What models may ask for. */
  readonly data: ModelData;
  /** The models that take part. */
  readonly models: () => Promise<FittedModels>;
}

/** The side of a training set, the same one whenever it is asked for; the context of the first who asks reports progress. */
export type SideOf = (train: Interactions, order: HeldOutOrder, context: MeasurementContext) => SplitSide;

export function createSides(prepared: Prepared, options: SideOptions): SideOf {
  const sides = new Map<Interactions, SplitSide>();
  return (train, order, context) => {
    const known = sides.get(train);
    if (known !== undefined) return known;
    const side = createSide(train, order, prepared, options, context);
    sides.set(train, side);
    return side;
  };
}

function createSide(
  train: Interactions,
  order: HeldOutOrder,
  prepared: Prepared,
  { features: featureOptions, fit, models, seed }: SideOptions,
  context: MeasurementContext,
): SplitSide {
  const features = once(() => featuresFor(prepared, train, featureOptions));
  const { userAttributes } = prepared.ingested;
  const side = {
    train,
    features: async () => (await features()).features,
    userAttributes,
    options: validateLike(order, fit),
    seed,
  };
  const data = createModelData(side, context);
  return { features, data, models: once(() => fitModels(models, data, modelsWith(context))) };
}

/**
 * The inner split imitates the outer one: targets that lie anywhere in a user's past say nothing of how fast to forget it, and
 * a validation on the latest would choose against them.
 */
function validateLike(order: HeldOutOrder, options: SettingsOptions): SettingsOptions {
  const { embeddings } = options;
  if (embeddings.validation.warm !== "auto") return options;
  return { ...options, embeddings: { ...embeddings, validation: { ...embeddings.validation, warm: order } } };
}
