/**
 * The hybrid, which is what the bundle serves: joint training, posterior, content channel, users solved against the final
 * vectors, and the stored default of the tail dial. Settings left to `auto` are chosen on a split of the training data.
 */
import { type AlsModel, fitAls } from "../als/als.ts";
import type { Attribute } from "../data/catalog.ts";
import { type FeatureMatrix, hasContent } from "../data/feature-matrix.ts";
import type { Interactions } from "../data/interactions.ts";
import { defaultBackend } from "../math/compute/backend.ts";
import type { Matrix } from "../math/matrix.ts";
import { parseOptions } from "../options.ts";
import type { Regressor } from "../regressor/regressor.ts";
import type { ContentChannel } from "./content-channel.ts";
import { embeddingOptionsSchema, type ResolvedEmbeddingOptions } from "./embedding-options.ts";
import type { HybridOptions } from "./hybrid-options.ts";
import type { ItemEmbeddings } from "./item-embeddings.ts";
import { sharedParts, solvePartsAt } from "./item-parts.ts";
import { assembleItems } from "./items.ts";
import { fitJoint, type JointData, type TrainingContext } from "./joint-training.ts";
import type { Lift } from "./lift.ts";
import type { NormCalibration } from "./norm-calibration.ts";
import { ownAlsOptions } from "./own-als.ts";
import type { ItemSolve } from "./posterior.ts";
import { chooseSettings, type HybridSettings, settledRegressor } from "./settings/hybrid-settings.ts";
import { fitSimilar, type SimilarModel } from "./similar/similar-model.ts";
import { fitUserPrior, solveUsers, type UserPrior } from "./user-prior.ts";
import { embedUsers, type SolvedAgainst } from "./users.ts";

export interface HybridModel {
  /** ALS before it knows content, at the weight and the rank of the settings: behaviour alone, what lists looked like before. */
  readonly als: AlsModel;
  readonly regressor: Regressor;
  /** f(x): items x k. */
  readonly prior: Matrix;
  /** What the interactions alone say, in the basis of the served factors: items x k, zeros for cold items. */
  readonly behaviour: Matrix;
  readonly embeddings: ItemEmbeddings;
  /** users x (k + channel), solved against the served vectors. */
  readonly userVectors: Matrix;
  /** Absent where nothing is known of the users but what they did. */
  readonly userPrior?: UserPrior;
  readonly lift: Lift;
  /** Lengths of new items in models of earlier formats; `lift` sets them in those of today. */
  readonly calibration?: NormCalibration;
  /** Absent when the content channel is off. */
  readonly channel?: ContentChannel;
  /** Absent in models of earlier versions, whose items are compared by the served vectors. */
  readonly similar?: SimilarModel;
  readonly settings: HybridSettings;
  /** What changed items are solved against; absent in models of bundles that do not keep it. */
  readonly itemSolve?: ItemSolve;
}

export interface HybridContext extends TrainingContext {
  /** Settings chosen before, e.g. by another fit on the same kind of data; chosen on validation when absent. */
  readonly settings?: HybridSettings;
  /** ALS of the same interactions and options, at the weight and the rank of the settings, when there is one already. */
  readonly als?: AlsModel;
  /** The regressor of that ALS at those settings, when there is one already. */
  readonly regressor?: Regressor;
  /** What that one predicts of every item (items x k), when it is known. */
  readonly prior?: Matrix;
  /** Attributes of the users, which are the rows of the interactions. */
  readonly userAttributes?: readonly Attribute[];
}

/** Fits the hybrid on training interactions (users x items) and the features of the same items. */
export async function fitHybrid(
  interactions: Interactions,
  features: FeatureMatrix,
  options: HybridOptions = {},
  context: HybridContext = {},
): Promise<HybridModel> {
  const { collaborative = {}, regressor = {} } = options;
  const embeddings = parseOptions(embeddingOptionsSchema, options.embeddings ?? {}, "embeddings");
  const settings = context.settings ?? (await chooseSettings(interactions, features, options, context));
  const training = { ...context, besideContent: hasContent(features) };
  const own = () => ownAlsOptions(collaborative, interactions, settings, training);
  const als = context.als ?? (await fitAls(interactions, await own(), training));
  const fitted = await fitItems({ interactions, features, als }, settings, { regressor, embeddings }, context);
  const { joint, embedded, similar } = fitted;
  const unaided = await embedUsers(interactions, embedded, joint.als, settings, context);
  const users = await withUserPrior({ interactions, items: embedded, als: joint.als, settings }, unaided, context);
  const { prior, behaviour, lift, channel, itemSolve, ...served } = embedded;
  return {
    als,
    regressor: joint.regressor,
    prior,
    behaviour,
    embeddings: served,
    ...users,
    lift,
    channel,
    similar,
    settings,
    itemSolve,
  };
}

/** Items alone. A function of its own: what they are made of goes before the users are solved. */
async function fitItems(
  { interactions, features, als }: Pick<JointData, "features" | "als"> & { readonly interactions: Interactions },
  settings: HybridSettings,
  {
    regressor,
    embeddings,
  }: Required<Pick<HybridOptions, "regressor">> & { readonly embeddings: ResolvedEmbeddingOptions },
  context: HybridContext,
) {
  const { backend = defaultBackend() } = context;
  const { rounds } = settings;
  const { sweepsPerRound } = embeddings;
  const jointOptions = { rounds, sweepsPerRound, regressor: settledRegressor(regressor, settings) };
  const { regressor: plain, prior } = context;
  const joint = await fitJoint({ interactions, features, als, regressor: plain, prior }, jointOptions, context);
  const shared = await sharedParts({ ...joint, interactions, features }, embeddings, context);
  const embedded = assembleItems(await solvePartsAt(shared, settings.priorStrength, context), settings);
  const similar = await fitSimilar({ ...shared, als, interactions }, settings.similar, backend);
  return { joint, embedded, similar };
}

/** Users solved once more with what their attributes predict of them, where there are any. */
async function withUserPrior(
  {
    interactions,
    items,
    als,
    settings,
  }: Pick<HybridModel, "als" | "settings"> & { readonly interactions: Interactions; readonly items: SolvedAgainst },
  unaided: Matrix,
  context: HybridContext,
): Promise<Pick<HybridModel, "userVectors" | "userPrior">> {
  const attributes = context.userAttributes ?? [];
  const prior = await fitUserPrior(attributes, unaided, interactions, context);
  if (prior === undefined) return { userVectors: unaided };
  const posterior = { interactions, attributes, items, als, prior, settings };
  return { userVectors: await solveUsers(posterior, context), userPrior: prior };
}
