/**
 * What may be fitted on the training side of a split, when somebody asks: its features, and the models that take part. Protocols
 * that share a split share what was fitted on it.
 */
import type { Interactions } from "../../data/interactions.ts";
import type { MetricExtensions } from "../../evaluation/metrics/metric-kinds.ts";
import type { RankElsewhere } from "../../evaluation/ranking/contender-ranks.ts";
import type { ParsedFeatures } from "../../features/feature-options.ts";
import type { TrainingContext } from "../../hybrid/joint-training.ts";
import { once } from "../../once.ts";
import { type FittedModels, fitModels } from "../models/fitted-models.ts";
import { createModelData, type ModelData, type ModelOptions } from "../models/model-data.ts";
import { type ModelExtensions, modelsWith } from "../models/model-kinds.ts";
import type { RunChoice } from "../models/run-choice.ts";
import { type FittedFeatures, featuresFor, type Prepared } from "./training-features.ts";

/** What a measurement is given besides data and options. */
export interface MeasurementContext extends TrainingContext, MetricExtensions, ModelExtensions {
  /** Ranks what protocols hold out by vectors, in place of this process. Curves and rules stay here. */
  readonly rankElsewhere?: RankElsewhere;
}

/** What a training side is fitted with. */
export interface SideOptions {
  readonly features: ParsedFeatures;
  readonly fit: ModelOptions;
  /** Names of the models that take part. */
  readonly models: readonly string[];
  /** Seed of what baselines draw. */
  readonly seed: number;
  /** One a split. */
  readonly choices: readonly RunChoice[];
}

export interface SplitSide {
  readonly features: () => Promise<FittedFeatures>;
  /** What models may ask for. */
  readonly data: ModelData;
  readonly choice: RunChoice;
  /** The models that take part. */
  readonly models: () => Promise<FittedModels>;
}

/**
 * The side of a training set of a split, the same one whenever it is asked for; the context of the first who asks reports progress.
 * `split`: one of the run's.
 */
export type SideOf = (split: unknown, train: Interactions, context: MeasurementContext) => SplitSide;

export function createSides(prepared: Prepared, splits: readonly unknown[], options: SideOptions): SideOf {
  const sides = new Map<Interactions, SplitSide>();
  return (split, train, context) => {
    const known = sides.get(train);
    if (known !== undefined) return known;
    const side = createSide(train, prepared, options, options.choices[splits.indexOf(split)], context);
    sides.set(train, side);
    return side;
  };
}

function createSide(
  train: Interactions,
  prepared: Prepared,
  { features: featureOptions, fit, models, seed }: SideOptions,
  choice: RunChoice,
  context: MeasurementContext,
): SplitSide {
  const features = once(async () => featuresFor(prepared, train, featureOptions, await choice.blocks()));
  const { userAttributes } = prepared.ingested;
  const side = {
    train,
    features: async () => (await features()).features,
    userAttributes,
    options: fit,
    seed,
    settings: choice.settings,
  };
  const data = createModelData(side, context);
  return {
    features,
    data,
    choice,
    models: once(() => fitModels(models, data, { kinds: modelsWith(context), choice })),
  };
}
