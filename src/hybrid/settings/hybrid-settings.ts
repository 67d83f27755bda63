/**
 * Chooses everything that the hybrid leaves open, together (settings-search.ts), on an inner split of the training data that has the
 * form of what is served: old and new items in one list. No test interaction is seen.
 */
import { type AlsModel, fitAls } from "../../als/als.ts";
import { type FeatureMatrix, hasContent } from "../../data/feature-matrix.ts";
import type { Interactions } from "../../data/interactions.ts";
import { TailrecError } from "../../errors.ts";
import { defaultBackend } from "../../math/compute/backend.ts";
import { parseOptions } from "../../options.ts";
import { atSetting, type RegressorSetting, type RegressorTrial, settingOf } from "../../regressor/regressor.ts";
import type { RegressorName } from "../../regressor/regressor-kinds.ts";
import type { RegressorOptions } from "../../regressor/regressor-options.ts";
import { type ServingSettings, untunedAls, untunedSettings } from "../defaults.ts";
import { embeddingOptionsSchema, type ResolvedEmbeddingOptions } from "../embedding-options.ts";
import type { HybridOptions } from "../hybrid-options.ts";
import type { SharedParts } from "../item-parts.ts";
import { fitJoint, type TrainingContext } from "../joint-training.ts";
import { createFamily, type TrainingSettings } from "../model-family.ts";
import { chooseSimilar, type SimilarChoice, type SimilarTrial } from "../similar/similar-search.ts";
import { MIXTURE, type SimilarSettings } from "../similar/similar-settings.ts";
import { similarParts } from "../similar/similar-vectors.ts";
import { type InnerSplit, splitOrNone } from "./inner-split.ts";
import type { Figures } from "./panel.ts";
import { gridOf, ORDER, type SearchSettings } from "./setting-grid.ts";
import { type ContentLiftTrial, measuresOf, type SettingsSearch, searchSettings } from "./settings-search.ts";

/** What was chosen, and every figure that chose it. */
export interface HybridSettings extends ServingSettings, TrainingSettings {
  /** The kind of regressor: the option's, or what `auto` chose. */
  readonly regressorKind: RegressorName;
  /** Its setting on the inner split. Absent where nothing could be split, and in earlier bundles: every fit chooses all of it then. */
  readonly regressorSetting?: RegressorSetting;
  /** How two items are compared. */
  readonly similar: SimilarSettings;
  readonly trials: SettingsTrials;
}

/** Settings that were measured, with their figures. */
export type SettingsTrial = SearchSettings & Figures;

export interface SettingsTrials {
  /** Held-out errors of the regressor at round 0; with `auto`, every kind's, each with NDCG@10 of the held-out items. */
  readonly regressor: readonly RegressorTrial[];
  readonly search: readonly SettingsTrial[];
  readonly contentLift: readonly ContentLiftTrial[];
  readonly similar: readonly SimilarTrial[];
}

export interface SettingsContext extends TrainingContext {
  /** The inner split of the same interactions and plain ALS of its training side, where there are some already. */
  readonly inner?: { readonly split: InnerSplit; readonly als: () => Promise<AlsModel> };
}

/**
 * Chooses what is `auto` for interactions (users x items) and the features of the same items, by models fitted on the inner split.
 * Where the interactions cannot be split, untuned settings. INVALID_OPTIONS.
 */
export async function chooseSettings(
  interactions: Interactions,
  features: FeatureMatrix,
  options: HybridOptions = {},
  { inner, ...context }: SettingsContext = {},
): Promise<HybridSettings> {
  const { collaborative = {}, regressor = {} } = options;
  const embeddings = parseOptions(embeddingOptionsSchema, options.embeddings ?? {}, "embeddings");
  const split = inner?.split ?? splitOrNone(interactions, embeddings);
  if (split === undefined) return untunedChoice(regressor, embeddings, features);
  const als = await (inner?.als() ??
    fitAls(split.train, collaborative, { ...context, besideContent: hasContent(features) }));
  const data = { interactions: split.train, features, als };
  const { kind, setting, kinds, search, ...parts } = await searchFamily(
    data,
    split,
    { embeddings, regressor },
    context,
  );
  const { chosen, measured, contentLift } = search;
  const similar = await similarFor(embeddings, split, parts, context);
  return {
    regressorKind: kind,
    regressorSetting: setting,
    ...chosen,
    similar: similar.similar,
    trials: {
      regressor: kinds,
      search: measured.map(({ point, figures }) => ({ ...point, ...withoutUsers(figures) })),
      contentLift,
      similar: similar.trials,
    },
  };
}

interface SearchedFamily {
  readonly kind: RegressorName;
  readonly setting: RegressorSetting;
  readonly kinds: readonly RegressorTrial[];
  readonly search: SettingsSearch;
  /** Both of the settings that were chosen. */
  readonly als: AlsModel;
  readonly parts: SharedParts;
}

/** A function of its own, so that the family goes with all its rounds and users before items are compared. */
async function searchFamily(
  data: { readonly interactions: Interactions; readonly features: FeatureMatrix; readonly als: AlsModel },
  split: InnerSplit,
  { embeddings, regressor }: { readonly embeddings: ResolvedEmbeddingOptions; readonly regressor: RegressorOptions },
  context: TrainingContext,
): Promise<SearchedFamily> {
  const { panel } = split;
  const plain = await fitJoint(data, { ...embeddings, rounds: 0, regressor }, context);
  const settled = { ...regressor, kind: plain.regressor.kind };
  const searched = { ...embeddings, channel: shortened(embeddings.channel), regressor: settled };
  const family = createFamily(data, plain, searched, context);
  const { trials } = embeddings.validation;
  const measures = measuresOf(family, split, context);
  const reporting = { ...measures, onPanel: reported(measures.onPanel, trials, context) };
  const search = await searchSettings(gridOf(embeddings, data), trials, panel, reporting);
  const [chosen, parts] = [await family.als(search.chosen), await family.parts(search.chosen)];
  const { regressor: found, trials: kinds } = plain;
  return { kind: found.kind, setting: settingOf(found, regressor), kinds, search, als: chosen, parts };
}

/** Axes of the content that trials look along: more of them cost four times as much and choose alike (decision 087). */
const SEARCHED_DIMENSION = 192;

function shortened(channel: ResolvedEmbeddingOptions["channel"]): ResolvedEmbeddingOptions["channel"] {
  if (channel === null) return null;
  const { dimension } = channel;
  return { ...channel, dimension: dimension === "auto" ? SEARCHED_DIMENSION : Math.min(dimension, SEARCHED_DIMENSION) };
}

/** The option, or what validation chooses. */
async function similarFor(
  { similar, validation }: ResolvedEmbeddingOptions,
  split: InnerSplit,
  { als, parts: { prior, content, support } }: Pick<SearchedFamily, "als" | "parts">,
  { backend = defaultBackend() }: TrainingContext,
): Promise<SimilarChoice> {
  if (similar !== "auto") return { similar, trials: [] };
  const source = { als, interactions: split.train, prior, content: content?.unit, support };
  return chooseSimilar(split, await similarParts(source, backend), validation, backend);
}

/** The trial of what was chosen. */
export function chosenTrial({ trials: { search }, ...settings }: HybridSettings): SettingsTrial {
  const isChosen = (trial: SettingsTrial) => ORDER.every((name) => trial[name] === settings[name]);
  const chosen = search.find(isChosen);
  if (chosen !== undefined) return chosen;
  throw new TailrecError("INVALID_ARGUMENT", "expected settings with the trials that chose them; choose them again");
}

function untunedChoice(
  { kind = "ridge" }: RegressorOptions,
  embeddings: ResolvedEmbeddingOptions,
  features: FeatureMatrix,
): HybridSettings {
  return {
    regressorKind: kind === "auto" ? "ridge" : kind,
    rounds: 0,
    ...untunedAls(embeddings),
    ...untunedSettings(embeddings, features),
    similar: embeddings.similar === "auto" ? MIXTURE : embeddings.similar,
    trials: { regressor: [], search: [], contentLift: [], similar: [] },
  };
}

/** The regressor's options at the kind and the setting that were chosen: `auto` is settled once, by validation. */
export function settledRegressor(
  options: RegressorOptions,
  { regressorKind, regressorSetting = {} }: Pick<HybridSettings, "regressorKind" | "regressorSetting">,
): RegressorOptions {
  return atSetting(options, { ...regressorSetting, kind: regressorKind });
}

function withoutUsers({ known, launched, objective }: Figures): Figures {
  return { known, launched, objective };
}

/** The measurement, each call of which is a step of progress. */
function reported<P, F>(
  measure: (point: P) => Promise<F>,
  total: number,
  { onProgress }: TrainingContext,
): (point: P) => Promise<F> {
  let done = 0;
  return (point) => {
    onProgress?.({ stage: "choose settings", done: Math.min(done, total), total });
    done++;
    return measure(point);
  };
}
