/**
 * The models of an evaluation by name, each fitted on the training side of one split. Baselines of one or two vectors a user
 * come from evaluation; those that need ALS or the regressor are put together here.
 */
import { type AlsModel, fitAls } from "../als/als.ts";
import { biasedMfContender, fitBiasedMf } from "../baselines/biased-mf.ts";
import { bpr } from "../baselines/bpr.ts";
import { contentKnn } from "../baselines/content-knn.ts";
import { contentRidge } from "../baselines/content-ridge.ts";
import { ease } from "../baselines/ease.ts";
import { itemKnn } from "../baselines/item-knn.ts";
import { popularInCluster } from "../baselines/popular-in-cluster.ts";
import { popularity } from "../baselines/popularity.ts";
import { randomOrder } from "../baselines/random-order.ts";
import { userKnn } from "../baselines/user-knn.ts";
import type { ModelName, PipelineConfig } from "../config.ts";
import type { Attribute } from "../data/catalog.ts";
import { type FeatureMatrix, takeItems } from "../data/feature-matrix.ts";
import { type Interactions, itemSupport } from "../data/interactions.ts";
import { factorRanker, type Ranker, type ScoredContender } from "../evaluation/ranking/scorer.ts";
import { fitHybrid, type HybridModel } from "../hybrid/hybrid.ts";
import type { TrainingContext } from "../hybrid/joint-training.ts";
import { scaleNorms } from "../hybrid/norms.ts";
import { chooseSettings, type HybridSettings, settledRegressor } from "../hybrid/settings/hybrid-settings.ts";
import type { Matrix } from "../math/matrix.ts";
import { createRandom } from "../math/random.ts";
import { unitRows } from "../math/row-norms.ts";
import { fitRegressor, predictPrior } from "../regressor/regressor.ts";
import { type BaselineChoices, chooseBaselines } from "./baseline-choices.ts";
import { contentOf } from "./content.ts";

export interface TrainingSide {
  readonly train: Interactions;
  /** Of all items, in a feature space fitted on items of `train` alone. */
  readonly features: FeatureMatrix;
  /** Of the rows of `train`; absent where nothing is known of users but what they did. */
  readonly userAttributes?: readonly Attribute[];
}

/** A model by its vectors: what the tail dial turns, and what truncation shortens. */
export interface ServedVectors {
  /** users x d. */
  readonly users: Matrix;
  /** items x d, at their own lengths. */
  readonly items: Matrix;
  /** Where the tail dial stands. */
  readonly tail: number;
}

export interface FittedContender extends ScoredContender {
  /** Of `als`, `hybrid` and `placebo`. */
  readonly served?: ServedVectors;
}

export interface FittedContenders {
  readonly contenders: readonly FittedContender[];
  /** What the hybrid's validation chose. */
  readonly settings: HybridSettings;
  /** What the same inner split chose for the baselines. */
  readonly baselines: BaselineChoices;
  /** Standardised content, in which the diversity of lists is measured. */
  readonly itemContent: Matrix;
  /** The model behind the contender of that name, where it takes part. */
  readonly hybrid?: HybridModel;
}

export interface ContenderContext extends TrainingContext {
  /** Chosen before, on training data that are part of these; chosen on a split of these when absent. */
  readonly settings?: HybridSettings;
}

/** Fits every model that `config.evaluation.models` names. */
export async function fitContenders(
  side: TrainingSide,
  config: PipelineConfig,
  context: ContenderContext,
): Promise<FittedContenders> {
  const { collaborative, regressor, embeddings, evaluation } = config;
  const als = await fitAls(side.train, collaborative, context);
  const options = { collaborative, regressor, embeddings };
  const settings = context.settings ?? (await chooseSettings(side.train, side.features, options, context));
  const baselines = await chooseBaselines(side.train, side.features, config, context);
  const fitting: Fitting = { side, config, context, als, settings, baselines };
  const hybrid = evaluation.models.includes("hybrid") ? await hybridOf(fitting, side.features) : undefined;
  const contenders: FittedContender[] = [];
  for (const name of evaluation.models) contenders.push(await factories[name]({ ...fitting, hybrid }));
  return { contenders, settings, baselines, hybrid, itemContent: contentOf(side.train, side.features) };
}

interface Fitting {
  readonly side: TrainingSide;
  readonly config: PipelineConfig;
  readonly context: TrainingContext;
  readonly als: AlsModel;
  readonly settings: HybridSettings;
  readonly baselines: BaselineChoices;
}

interface Shared extends Fitting {
  readonly hybrid?: HybridModel;
}

const factories: Readonly<Record<ModelName, (shared: Shared) => FittedContender | Promise<FittedContender>>> = {
  popularity: ({ side }) => popularity(side.train),
  random: ({ side, config }) => randomOrder(side.train.columns, config.evaluation.seed),
  "popular-in-cluster": ({ side, als, config }) =>
    popularInCluster(side.train, als.userFactors, { seed: config.evaluation.seed }),
  "item-knn": ({ side, baselines }) => itemKnn(side.train, baselines["item-knn"]),
  "user-knn": ({ side, baselines }) => userKnn(side.train, baselines["user-knn"]),
  ease: ({ side, baselines }) => ease(side.train, baselines.ease),
  bpr: ({ side, config, context }) => bpr(side.train, { seed: config.evaluation.seed }, context),
  "biased-mf": ({ side, config, context }) =>
    biasedMfContender(fitBiasedMf(side.train, { seed: config.evaluation.seed }, context)),
  als: ({ als }) => servedContender("als", { users: als.userFactors, items: als.itemFactors, tail: 0 }),
  "als-calibrated": ({ als, settings }) => ({
    name: "als-calibrated",
    ...factorRanker(als.userFactors, scaleNorms(als.itemFactors, settings.alsTail)),
  }),
  "content-knn": ({ side }) => contentKnn(side.train, contentOf(side.train, side.features)),
  "content-ridge": ({ side, baselines, context }) =>
    contentRidge(side.train, contentOf(side.train, side.features), baselines["content-ridge"], context),
  "regression-mse": regressionMse,
  hybrid: async ({ hybrid, ...fitting }) =>
    servedContender("hybrid", servedBy(hybrid ?? (await hybridOf(fitting, fitting.side.features)))),
  placebo: async (shared) => {
    const shuffled = shuffleItems(shared.side.features, shared.config.evaluation.seed);
    return servedContender("placebo", servedBy(await hybridOf(shared, shuffled)));
  },
};

/** As the bundle serves them, at the stored default of the tail dial. */
function servedBy({ userVectors, embeddings, settings }: HybridModel): ServedVectors {
  return { users: userVectors, items: embeddings.vectors, tail: settings.tail };
}

function cosines(vectors: Matrix): Ranker {
  const directions = unitRows(vectors);
  return factorRanker(directions, directions);
}

function servedContender(name: ModelName, served: ServedVectors): FittedContender {
  const recommended = factorRanker(served.users, scaleNorms(served.items, served.tail));
  return { name, served, ...recommended, similar: cosines(served.items) };
}

function hybridOf({ side, config, context, als, settings }: Fitting, features: FeatureMatrix): Promise<HybridModel> {
  const { collaborative, regressor, embeddings } = config;
  return fitHybrid(
    side.train,
    features,
    { collaborative, regressor, embeddings },
    {
      ...context,
      als,
      settings,
      userAttributes: side.userAttributes,
    },
  );
}

/** Plain regression: every item is what its features predict, by plain MSE, with no posterior and no channel. */
async function regressionMse({ side, config, context, als, settings }: Shared): Promise<ScoredContender> {
  const data = { features: side.features, factors: als.itemFactors, support: itemSupport(side.train) };
  const regressor = await fitRegressor(data, settledRegressor(config.regressor, settings), context);
  const prior = await predictPrior(regressor, side.features);
  return { name: "regression-mse", ...factorRanker(als.userFactors, prior), similar: cosines(prior) };
}

/** The same features on other items: whatever a model gains from these is a leak. */
function shuffleItems(features: FeatureMatrix, seed: number): FeatureMatrix {
  const order = Array.from({ length: features.values.rows }, (_, i) => i);
  createRandom(seed).shuffle(order);
  return takeItems(features, order);
}
