/**
 * A fitted hybrid brought forward by new interactions, items and users, without fitting anything again. In this order:
 *   w_u of changed users against the items as they were, and G = sum_u w_u w_u' anew;
 *   h_i of changed items by the posterior solve (posterior.ts) against them, new ones from their prior f(x_i);
 *   served user vectors against the served item vectors.
 * Regressor, feature space, settings, lift and channel stay. Each step is one row solve a changed row (equation 2).
 */
import { type AlsModel, foldInItems, foldInUsers } from "../als/als.ts";
import type { BackendContext } from "../als/half-sweep.ts";
import { type Attribute, attributeOfRows } from "../data/catalog.ts";
import { type FeatureMatrix, takeItems } from "../data/feature-matrix.ts";
import { type Interactions, itemSupport, takeInteractions } from "../data/interactions.ts";
import { TailrecError } from "../errors.ts";
import { type ComputeBackend, defaultBackend } from "../math/compute/backend.ts";
import { columnRange, concatColumns, type Matrix, replaceRows, takeSparseRows } from "../math/matrix.ts";
import { predictPrior } from "../regressor/regressor.ts";
import { channelVectors, contentVectors, unitContent } from "./content-channel.ts";
import type { HybridModel } from "./hybrid.ts";
import type { ItemEmbeddings } from "./item-embeddings.ts";
import { confidenceInPriors, type PartsOptions } from "./item-parts.ts";
import { liftRows } from "./lift.ts";
import { type ItemSolve, type Posterior, solvePosterior } from "./posterior.ts";
import { updateSimilar } from "./similar/similar-model.ts";
import type { SimilarSource } from "./similar/similar-vectors.ts";
import { solveUsers } from "./user-prior.ts";
import { embedUsers } from "./users.ts";

export interface HybridChange {
  /** Users x items with everything that is known now: rows and columns of the model first, in its order. */
  readonly interactions: Interactions;
  /** Features of all items, from the model's feature space. */
  readonly features: FeatureMatrix;
  /** Rows of the items that are new, or whose interactions or content changed. */
  readonly items: readonly number[];
  /** Rows of the users who are new, or whose interactions or attributes changed. */
  readonly users: readonly number[];
  /** Attributes of all users; without them the model's user prior tells nothing of the changed ones. */
  readonly userAttributes?: readonly Attribute[];
}

/** The model after the change. INVALID_ARGUMENT for a model that does not keep what its items were solved against. */
export async function updateHybrid(
  model: HybridModel,
  change: HybridChange,
  options: PartsOptions,
  context: BackendContext = {},
): Promise<HybridModel> {
  const { itemSolve, calibration } = model;
  if (itemSolve === undefined || calibration !== undefined) throw unkept();
  const backend = context.backend ?? defaultBackend();
  const { interactions, features, items } = change;
  const changed = takeItems(features, items);
  const prior = replaceRows(
    model.prior,
    interactions.columns,
    items,
    await predictPrior(model.regressor, changed, backend),
  );
  const solve = await bringForward(model, itemSolve, prior, change, backend, context);
  const posterior = await solvePosterior(
    {
      als: { ...solve, options: model.als.options },
      interactions,
      prior,
      dimensionPrecision: solve.dimensionPrecision,
      confidenceInPrior: confidenceInPriors(features, model.regressor.missingBlockInflation),
      items,
    },
    { ...options, priorStrength: model.settings.priorStrength },
    context,
  );
  const embeddings = await replaceEmbeddings(model, posterior, changed, change, backend);
  const als = await updateAls(model.als, change, backend, context);
  return {
    ...model,
    als,
    prior,
    behaviour: replaceRows(model.behaviour, interactions.columns, items, posterior.behaviour),
    embeddings,
    userVectors: await updateUsers(model, embeddings, change, context),
    similar: await comparedAfter(model, { als, interactions, prior, support: embeddings.support }, change, backend),
    itemSolve: solve,
  };
}

/** How items are compared: that of the changed ones anew. */
async function comparedAfter(
  { similar, regressor }: HybridModel,
  source: Omit<SimilarSource, "content">,
  { features, items }: HybridChange,
  backend: ComputeBackend,
): Promise<HybridModel["similar"]> {
  if (similar === undefined) return undefined;
  const { axes } = similar;
  const content = axes && {
    unit: await unitContent(contentVectors(features, regressor.standardisation), axes, backend),
    axes,
  };
  return updateSimilar(similar, { ...source, content }, items, backend);
}

function unkept(): TailrecError {
  return new TailrecError(
    "INVALID_ARGUMENT",
    "this bundle does not keep what its items were solved against, since an earlier tailrec made it; make it again by tailrec run",
  );
}

/** Factors of changed users against the items as they were (new ones: their prior), and the Gram of all. */
async function bringForward(
  { embeddings, lift, als }: HybridModel,
  solve: ItemSolve,
  prior: Matrix,
  { interactions, users }: HybridChange,
  backend: ComputeBackend,
  context: BackendContext,
): Promise<ItemSolve> {
  const known = embeddings.support.length;
  const lifted = columnRange(embeddings.vectors, 0, embeddings.rank);
  const factors = liftRows(lifted, -lift.factors, embeddings.support);
  const isNew = Array.from({ length: interactions.columns - known }, (_, i) => known + i);
  const newest = { ...prior, rows: isNew.length, values: prior.values.subarray(known * prior.columns) };
  const items = replaceRows(factors, interactions.columns, isNew, newest);
  const solved = await foldInUsers(takeInteractions(interactions, users), items, als.options, context);
  const userFactors = replaceRows(solve.userFactors, interactions.rows, users, solved);
  return { ...solve, userFactors, gram: await backend.gram(userFactors) };
}

/** Plain ALS likewise: users against the items as they were, then items against the users. */
async function updateAls(
  als: AlsModel,
  { interactions, users, items }: HybridChange,
  backend: ComputeBackend,
  context: BackendContext,
): Promise<AlsModel> {
  const { options } = als;
  const before = replaceRows(als.itemFactors, interactions.columns, [], als.itemFactors);
  const solved = await foldInUsers(takeInteractions(interactions, users), before, options, context);
  const userFactors = replaceRows(als.userFactors, interactions.rows, users, solved);
  const turned = { ...als, userFactors, gram: await backend.gram(userFactors) };
  const rows = takeSparseRows(await backend.transpose(interactions), items);
  const itemFactors = replaceRows(before, interactions.columns, items, await foldInItems(turned, rows, context));
  return { ...turned, itemFactors };
}

/** Served vectors, source, support and uncertainty of the changed items. */
async function replaceEmbeddings(
  { embeddings, regressor, lift, channel }: HybridModel,
  posterior: Posterior,
  changed: FeatureMatrix,
  { interactions, items }: HybridChange,
  backend: ComputeBackend,
): Promise<ItemEmbeddings> {
  const support = itemSupport(interactions);
  const own = Uint32Array.from(items, (item) => support[item]);
  const factors = liftRows(posterior.factors, lift.factors, own);
  const contents = channel && contentVectors(changed, regressor.standardisation);
  const content = contents && liftRows(await channelVectors(contents, channel, backend), lift.content, own);
  const vectors = content === undefined ? factors : concatColumns([factors, content]);
  const source = Array.from(support, (_, item) => embeddings.source[item] ?? "content");
  const uncertainty = Float32Array.from(support, (_, item) => embeddings.uncertainty[item] ?? 1);
  for (const [i, item] of items.entries()) {
    source[item] = posterior.source[i];
    uncertainty[item] = posterior.uncertainty[i];
  }
  const replaced = replaceRows(embeddings.vectors, interactions.columns, items, vectors);
  return { vectors: replaced, rank: embeddings.rank, support, source, uncertainty };
}

/** Served vectors of the changed users, with what their attributes predict where the model knows of attributes. */
async function updateUsers(
  { als, settings, userPrior: prior, userVectors }: HybridModel,
  items: ItemEmbeddings,
  { interactions, users, userAttributes }: HybridChange,
  context: BackendContext,
): Promise<Matrix> {
  const rows = takeInteractions(interactions, users);
  const attributes = userAttributes?.map((attribute) => attributeOfRows(attribute, users));
  const solved =
    prior === undefined || attributes === undefined
      ? await embedUsers(rows, items, als, settings, context)
      : await solveUsers({ interactions: rows, attributes, items, als, prior, settings }, context);
  return replaceRows(userVectors, interactions.rows, users, solved);
}
