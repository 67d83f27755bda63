/**
 * The posterior of item factors (equation 5): prior p_i from content with precision l_i D, behaviour through equation 2,
 *   (a0 G + sum_u c_iu w_u w_u' + s_n l_i D) h_i = sum_u c_iu w_u + ((1 - e_i) a0 G + s_n l_i D) p_i.
 * The share e_i (exposure.ts) of the users without item i met it and passed: target 0. The others never met it and are expected
 * to do what content says: target w_u.p_i. So an item that nobody met keeps its prior, and one that few met leaves it slowly.
 * l_i is the item's own regularisation in ALS: with D = I and e = s = 1 this is ALS with the prior inside. The strength s_n fades
 * from s to 1 as the support n grows; at s = 0 there is no prior, and the factors are those of ALS. D_d = v / v_d says which dimensions content predicts well: v_d is the variance of h_d around
 * its prediction, the held-out residual plus what ALS itself cannot tell, s^2 / (a0 G_dd + l), with s^2 the mean square residual of
 * observed interactions. v keeps the total score variance sum_d G_dd / D_d.
 */
import type { AlsModel } from "../als/als.ts";
import { type BackendContext, regularizationOf, rowRegularization, scaleConfidence } from "../als/half-sweep.ts";
import { type Interactions, itemSupport } from "../data/interactions.ts";
import { type ComputeBackend, defaultBackend } from "../math/compute/backend.ts";
import {
  type Matrix,
  type SparseMatrix,
  takeRows,
  takeSparseRows,
  toFloat32,
  transposeSparse,
} from "../math/matrix.ts";
import { mean } from "../math/statistics.ts";
import { type ExposureOptions, exposureOf } from "./exposure.ts";
import type { EmbeddingSource } from "./item-embeddings.ts";

/** What items are solved against. */
export interface ItemSolve {
  /** w: users x k. */
  readonly userFactors: Matrix;
  /** G: k x k. */
  readonly gram: Matrix<Float64Array>;
  /** D: k values. */
  readonly dimensionPrecision: Float64Array;
}

export interface PosteriorData {
  readonly als: Pick<AlsModel, "userFactors" | "gram" | "options">;
  /** users x n. */
  readonly interactions: Interactions;
  /** p: n x k. */
  readonly prior: Matrix;
  /** D: k values. */
  readonly dimensionPrecision: Float64Array;
  /** n values, multiplied into l_i; below 1 where the prior is less certain than with complete content. */
  readonly confidenceInPrior: Float64Array;
  /** Rows of the items to solve, m of the n; all when absent. */
  readonly items?: readonly number[];
}

export interface PosteriorOptions extends ExposureOptions {
  readonly priorStrength: number;
}

export interface Posterior {
  /** h: n x k. */
  readonly factors: Matrix;
  /** The same solve without a prior and with ALS's own regularisation: n x k, zeros where there is no interaction. */
  readonly behaviour: Matrix;
  readonly source: readonly EmbeddingSource[];
  /** n; 1 for an item known by complete content alone. */
  readonly uncertainty: Float32Array;
}

/** Posterior factors of every item that is asked for. */
export async function solvePosterior(
  data: PosteriorData,
  options: PosteriorOptions,
  context: BackendContext = {},
): Promise<Posterior> {
  return posteriorOf(await askedItems(data, options, context.backend), options, context);
}

export interface ItemRows {
  /** c: m items x the rows of `als.userFactors`. */
  readonly rows: SparseMatrix;
  /** e: m values. */
  readonly exposure: Float64Array;
}

/** Some items with all that their solve needs. */
export interface AskedItems
  extends ItemRows,
    Pick<PosteriorData, "als" | "prior" | "dimensionPrecision" | "confidenceInPrior"> {
  /** The users that the Gram is over; `als.userFactors` may hold only those who met the items. */
  readonly users: number;
}

/** The same with what no strength of the prior touches. */
export interface PreparedItems extends AskedItems {
  /** l: m values. */
  readonly regularization: Float64Array;
  /** Factors without a prior: m x k. */
  readonly behaviour: Matrix;
}

/** Posterior factors of the given items. */
export async function posteriorOf(
  asked: AskedItems,
  options: Pick<PosteriorOptions, "priorStrength">,
  context: BackendContext = {},
): Promise<Posterior> {
  return posteriorAt(await prepareItems(asked, context), options, context);
}

/** Solves the items without a prior: what all strengths share. */
export async function prepareItems(asked: AskedItems, context: BackendContext = {}): Promise<PreparedItems> {
  const { als, rows, users } = asked;
  const { backend = defaultBackend() } = context;
  const regularization = rowRegularization({ ...rows, columns: users }, als.options);
  const behaviour = await backend.solveRows({ ...itemSystems(asked), rowPrecision: regularization }, context);
  return { ...asked, regularization, behaviour };
}

/** Posterior factors of prepared items at a strength of the prior. */
export async function posteriorAt(
  items: PreparedItems,
  options: Pick<PosteriorOptions, "priorStrength">,
  context: BackendContext = {},
): Promise<Posterior> {
  const { rows, prior, behaviour } = items;
  const { priorStrength } = options;
  const factors = priorStrength === 0 ? behaviour : await drawnToPrior(items, options, context);
  return {
    factors,
    behaviour,
    source: sourcesOf(rows, factors, prior, behaviour),
    uncertainty: uncertaintyOf(items, priorStrength),
  };
}

async function drawnToPrior(
  items: PreparedItems,
  options: Pick<PosteriorOptions, "priorStrength">,
  context: BackendContext,
): Promise<Matrix> {
  const { als, rows, prior, exposure, confidenceInPrior, dimensionPrecision, regularization } = items;
  const { backend = defaultBackend() } = context;
  const rowPrecision = regularization.map((l, i) => strengthAt(supportOf(rows, i), options) * confidenceInPrior[i] * l);
  const strength = { rowPrecision, dimensionPrecision };
  const drawn = withUnmetUsers(prior, await backend.multiplyTransposed(prior, toFloat32(als.gram)), {
    ...strength,
    weight: exposure.map((e) => (1 - e) * als.options.unobservedWeight),
  });
  return backend.solveRows({ ...itemSystems(items), ...strength, prior: drawn }, context);
}

function itemSystems({ als, rows }: AskedItems) {
  return { factors: als.userFactors, gram: als.gram, rows, unobservedWeight: als.options.unobservedWeight };
}

/** What belongs to the items that are asked for. */
async function askedItems(
  { items, ...data }: PosteriorData,
  options: ExposureOptions,
  backend: ComputeBackend = defaultBackend(),
): Promise<AskedItems> {
  const { rows, exposure } = await itemRows(data, options, backend);
  const { als, dimensionPrecision, confidenceInPrior, prior } = data;
  const shared = { als, dimensionPrecision, users: als.userFactors.rows };
  if (items === undefined) return { ...shared, rows, exposure, prior, confidenceInPrior };
  return {
    ...shared,
    rows: takeSparseRows(rows, items),
    exposure: Float64Array.from(items, (item) => exposure[item]),
    prior: takeRows(prior, items),
    confidenceInPrior: Float64Array.from(items, (item) => confidenceInPrior[item]),
  };
}

/** Confidences by item and exposure, which is measured on all of them: what of the solve interactions alone say. */
export async function itemRows(
  { als, interactions }: Pick<PosteriorData, "als" | "interactions">,
  options: ExposureOptions,
  backend: ComputeBackend = defaultBackend(),
): Promise<ItemRows> {
  const rows = scaleConfidence(await backend.transpose(interactions), als.options.confidenceScale);
  return { rows, exposure: exposureOf(interactions, itemSupport(interactions), options) };
}

interface Unmet {
  /** s l: n values. */
  readonly rowPrecision: Float64Array;
  /** D: k values. */
  readonly dimensionPrecision: Float64Array;
  /** (1 - e) a0: n values. */
  readonly weight: Float64Array;
}

/** q with s l D q = ((1 - e) a0 G + s l D) p, given G p: the prior that also says what those who never met an item would do. */
function withUnmetUsers(prior: Matrix, gramTimesPrior: Matrix, unmet: Unmet): Matrix {
  const { rowPrecision, dimensionPrecision, weight } = unmet;
  const values = prior.values.map((p, at) => {
    const [i, d] = [Math.floor(at / prior.columns), at % prior.columns];
    return p + (weight[i] * gramTimesPrior.values[at]) / (rowPrecision[i] * dimensionPrecision[d]);
  });
  return { ...prior, values };
}

/** D: k values, from held-out residual variances of the regressor. */
export function dimensionPrecisionOf(
  als: AlsModel,
  interactions: SparseMatrix,
  residualVariance: Float64Array,
): Float64Array {
  const { unobservedWeight, confidenceScale } = als.options;
  const rows = scaleConfidence(transposeSparse(interactions), confidenceScale);
  const noise = observationNoise(als, interactions);
  const regularization = mean(rowRegularization(rows, als.options));
  const variance = residualVariance.map(
    (residual, d) => residual + noise / (unobservedWeight * gramDiagonal(als, d) + regularization),
  );
  const scoreVariance = variance.reduce((sum, v, d) => sum + v * gramDiagonal(als, d), 0);
  const total = variance.reduce((sum, _, d) => sum + gramDiagonal(als, d), 0);
  return variance.map((v) => scoreVariance / (total * v));
}

/** s^2: weighted mean of (1 - w.h)^2 over the observed interactions, never below 1e-3. */
function observationNoise({ userFactors, itemFactors }: AlsModel, rows: SparseMatrix): number {
  const [k, users, items] = [userFactors.columns, userFactors.values, itemFactors.values];
  const { indptr, indices, values } = rows;
  let sum = 0;
  let weights = 0;
  for (let u = 0; u < rows.rows; u++) {
    for (let p = indptr[u]; p < indptr[u + 1]; p++) {
      const begin = indices[p] * k;
      let score = 0;
      for (let d = 0; d < k; d++) score += users[u * k + d] * items[begin + d];
      sum += values[p] * (1 - score) ** 2;
      weights += values[p];
    }
  }
  return Math.max(1e-3, sum / weights);
}

function gramDiagonal({ gram }: Pick<AlsModel, "gram">, d: number): number {
  return gram.values[d * gram.columns + d];
}

/** f: the support at which half of what the prior is stronger than ALS's own regularisation is left. */
const FADE = 5;

/** s_n = min(s, 1) + max(s - 1, 0) f / (f + n): only an excess fades. */
function strengthAt(support: number, { priorStrength }: Pick<PosteriorOptions, "priorStrength">): number {
  return Math.min(priorStrength, 1) + (Math.max(priorStrength - 1, 0) * FADE) / (FADE + support);
}

function supportOf({ indptr }: SparseMatrix, row: number): number {
  return indptr[row + 1] - indptr[row];
}

/** A blend until it lies four times nearer to the behaviour alone than to the prior. */
const BEHAVIOUR_SHARE = 0.8;

function sourcesOf(rows: SparseMatrix, factors: Matrix, prior: Matrix, behaviour: Matrix): EmbeddingSource[] {
  return Array.from({ length: rows.rows }, (_, i) => {
    if (rows.indptr[i + 1] === rows.indptr[i]) return "content";
    const fromPrior = distance(factors, prior, i);
    const fromBehaviour = distance(factors, behaviour, i);
    return fromPrior >= BEHAVIOUR_SHARE * (fromPrior + fromBehaviour) ? "behaviour" : "blend";
  });
}

function distance(a: Matrix, b: Matrix, i: number): number {
  let sum = 0;
  for (let p = i * a.columns; p < (i + 1) * a.columns; p++) sum += (a.values[p] - b.values[p]) ** 2;
  return Math.sqrt(sum);
}

/**
 * sqrt(tr(G A_i^-1) / tr(G (l_0 D)^-1)), l_0 an item without interactions and with complete content. A_i by its diagonal: the
 * precision of the prior alone and what behaviour adds, so that every interaction lowers it. Those who never met the item know
 * nothing of it; a user met at random adds G_dd / |U| to dimension d.
 */
function uncertaintyOf(
  { als, dimensionPrecision, confidenceInPrior, users, rows, exposure }: AskedItems,
  priorStrength: number,
): Float32Array {
  const { unobservedWeight } = als.options;
  const unmet = (priorStrength === 0 ? 1 : priorStrength) * regularizationOf(0, users, als.options);
  const reference = dimensionPrecision.reduce(
    (sum, precision, d) => sum + gramDiagonal(als, d) / (unmet * precision),
    0,
  );
  return Float32Array.from({ length: rows.rows }, (_, i) => {
    let confidence = 0;
    for (let p = rows.indptr[i]; p < rows.indptr[i + 1]; p++) confidence += rows.values[p];
    let variance = 0;
    for (let d = 0; d < dimensionPrecision.length; d++) {
      const g = gramDiagonal(als, d);
      const behaviour = (exposure[i] * unobservedWeight + confidence / users) * g;
      variance += g / (behaviour + unmet * confidenceInPrior[i] * dimensionPrecision[d]);
    }
    return Math.sqrt(variance / reference);
  });
}
