/**
 * What models may ask for on one training side: features, content, plain ALS, chosen settings, the hybrid. Each is worked out when
 * somebody asks first, and once. A model that asks for nothing costs nothing, and two that ask for the same share it.
 */
import { type AlsModel, fitAls } from "../../als/als.ts";
import { contentBasis } from "../../baselines/content-ridge.ts";
import type { BaselineData, ModelKind } from "../../baselines/model-kind.ts";
import type { Attribute } from "../../data/catalog.ts";
import type { FeatureMatrix } from "../../data/feature-matrix.ts";
import type { Interactions } from "../../data/interactions.ts";
import type { ResolvedEmbeddingOptions } from "../../hybrid/embedding-options.ts";
import { fitHybrid, type HybridContext, type HybridModel } from "../../hybrid/hybrid.ts";
import type { HybridOptions } from "../../hybrid/hybrid-options.ts";
import { fitPlainRegressor, type TrainingContext } from "../../hybrid/joint-training.ts";
import { isPlainAls, ownAlsOptions } from "../../hybrid/own-als.ts";
import { type HybridSettings, settledRegressor } from "../../hybrid/settings/hybrid-settings.ts";
import { sharedMatrix } from "../../math/compute/shared-memory.ts";
import type { Matrix } from "../../math/matrix.ts";
import { unitRows } from "../../math/row-norms.ts";
import { once } from "../../once.ts";
import { predictPrior, type Regressor } from "../../regressor/regressor.ts";
import { contentOf } from "./content.ts";

/** The parts of a pipeline that models are fitted with. */
export type ModelOptions = Required<Pick<HybridOptions, "collaborative" | "regressor">> & {
  readonly embeddings: ResolvedEmbeddingOptions;
};

export interface TrainingSide {
  /** users x items. */
  readonly train: Interactions;
  /** Features of all items, in a space fitted on items of `train` alone. */
  readonly features: () => Promise<FeatureMatrix>;
  /** Attributes of the users, the rows of `train`; absent where nothing is known of users but what they did. */
  readonly userAttributes?: readonly Attribute[];
  readonly options: ModelOptions;
  /** Seed of what baselines draw. */
  readonly seed: number;
  /** What the hybrid's validation chooses, on data that hold nothing that is asked for. */
  readonly settings: () => Promise<HybridSettings>;
}

export interface ModelData extends BaselineData, TrainingSide {
  /** Plain ALS of `train`. */
  readonly als: () => Promise<AlsModel>;
  /** The regressor of plain ALS at the chosen settings, where the hybrid's training starts unless it has an ALS of its own. */
  readonly regressor: () => Promise<Regressor>;
  /** What that one predicts of every item: items x k. */
  readonly prior: () => Promise<Matrix>;
  /** The hybrid as the bundle would hold it. */
  readonly hybrid: () => Promise<HybridModel>;
  /** The hybrid of other features, at the same settings. */
  readonly hybridOn: (features: FeatureMatrix) => Promise<HybridModel>;
  /** What somebody has asked for so far. */
  readonly done: () => Promise<{ readonly settings?: HybridSettings; readonly hybrid?: HybridModel }>;
  readonly context: TrainingContext;
}

/** A model that may ask for any of these. */
export type Model<O = unknown> = ModelKind<ModelData, O>;

export function createModelData(side: TrainingSide, context: TrainingContext): ModelData {
  const { train, userAttributes, options } = side;
  const asked: { settings?: Promise<HybridSettings>; hybrid?: Promise<HybridModel> } = {};
  const features = once(side.features);
  // Not by way of `content`: the vectors at their own lengths would stay in memory beside them.
  const directions = once(async () => sharedMatrix(unitRows(contentOf(train, await features()))));
  const als = once(() => fitAls(train, options.collaborative, context));
  const settings = () => {
    asked.settings ??= side.settings();
    return asked.settings;
  };
  const regressor = once(async () => {
    const data = { interactions: train, features: await features(), als: await als() };
    return fitPlainRegressor(data, settledRegressor(options.regressor, await settings()), context);
  });
  const prior = once(async () => predictPrior(await regressor(), await features(), context.backend));
  const startingAls = once(async () => {
    const own = await settings();
    return isPlainAls(own)
      ? als()
      : fitAls(train, await ownAlsOptions(options.collaborative, train, own, context), context);
  });
  const hybridOn = async (of: FeatureMatrix, known: Pick<HybridContext, "regressor" | "prior"> = {}) => {
    const given = { als: await startingAls(), settings: await settings(), ...known, userAttributes };
    return fitHybrid(train, of, options, { ...context, ...given });
  };
  const plain = async () => ({ regressor: await regressor(), prior: await prior() });
  const fitOwn = async () => hybridOn(await features(), isPlainAls(await settings()) ? await plain() : {});
  const hybrid = () => {
    asked.hybrid ??= fitOwn();
    return asked.hybrid;
  };
  return {
    ...side,
    features,
    content: once(async () => contentOf(train, await features())),
    directions,
    directionsBasis: once(async () => contentBasis(await directions(), context.backend)),
    als,
    settings,
    regressor,
    prior,
    hybrid,
    hybridOn: (of) => hybridOn(of),
    done: async () => ({ settings: await asked.settings, hybrid: await asked.hybrid }),
    context,
  };
}
