/**
 * Fits models by name on one training set, as an evaluation does for every split. Options that are open are chosen once, on an inner
 * split of that set. For whoever splits and measures by a program of their own.
 */
import type { Attribute } from "../../data/catalog.ts";
import type { FeatureMatrix } from "../../data/feature-matrix.ts";
import type { Interactions } from "../../data/interactions.ts";
import { embeddingOptionsSchema } from "../../hybrid/embedding-options.ts";
import type { HybridOptions } from "../../hybrid/hybrid-options.ts";
import type { TrainingContext } from "../../hybrid/joint-training.ts";
import type { HybridSettings } from "../../hybrid/settings/hybrid-settings.ts";
import { parseOptions } from "../../options.ts";
import { type FittedModels, fitModels } from "./fitted-models.ts";
import { createModelData, type Model } from "./model-data.ts";
import { type ModelExtensions, modelsWith } from "./model-kinds.ts";
import { createChoice } from "./run-choice.ts";

export interface ContenderData {
  /** users x items. */
  readonly train: Interactions;
  /** Features of all items, in a space that was fitted on those of `train`. */
  readonly features: FeatureMatrix;
  /** Attributes of the users, the rows of `train`. */
  readonly userAttributes?: readonly Attribute[];
}

export interface FitContext extends TrainingContext, ModelExtensions {
  /** Settings of the hybrid that `chooseSettings` has chosen; chosen when a model asks for them where absent. */
  readonly settings?: HybridSettings;
  /** Options of models by their names, in place of what would be chosen. */
  readonly modelOptions?: Readonly<Record<string, unknown>>;
  /** Seed of what models draw; 1 when absent. */
  readonly seed?: number;
}

/** Fits the named models, in that order; `contenders` of the result go to `measureSplit`. INVALID_OPTIONS for an unknown name or option. */
export function fitContenders(
  names: readonly string[],
  { train, features, userAttributes }: ContenderData,
  options: HybridOptions = {},
  { settings, modelOptions = {}, seed = 1, ...context }: FitContext = {},
): Promise<FittedModels> {
  const { collaborative = {}, regressor = {} } = options;
  const embeddings = parseOptions(embeddingOptionsSchema, options.embeddings ?? {}, "embeddings");
  const parts = { collaborative, regressor, embeddings };
  const side = { train, features: async () => features, userAttributes, options: parts, seed };
  const chosen = createChoice(side, context);
  const optionsOf = async (model: Model) => modelOptions[model.name] ?? chosen.optionsOf(model);
  const known = settings === undefined ? chosen.settings : async () => settings;
  const data = createModelData({ ...side, settings: known }, context);
  return fitModels(names, data, { kinds: modelsWith(context), choice: { optionsOf, together: chosen.together } });
}
