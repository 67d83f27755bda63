/**
 * The content channel b z(x) of the served vector [h ; b z(x)]: standardised features, presence bits left out, reduced to their
 * leading principal components and brought to length 1. What regression to factors loses on sparse data stays searchable here.
 */
import type { FeatureMatrix, Standardisation } from "../data/feature-matrix.ts";
import { standardiseValues } from "../data/feature-matrix.ts";
import { type ComputeBackend, defaultBackend } from "../math/compute/backend.ts";
import { centredMap, transpose } from "../math/linear-map.ts";
import { columnRange, type Matrix, takeRows, toFloat32, zeros } from "../math/matrix.ts";
import { scaleRows, unitRows } from "../math/row-norms.ts";
import { truncatedSvd } from "../math/truncated-svd.ts";

export interface ContentChannel {
  /** d x c. */
  readonly axes: Matrix;
  /** The length of every content vector: b times the root mean square length of the warm factors. */
  readonly length: number;
}

const SEED = 1;

/** The standardised features without presence bits: n x d. */
export function contentVectors(features: FeatureMatrix, standardisation: Standardisation): Matrix {
  return standardiseValues(features, standardisation);
}

/** Share of the squared length of the content that `auto` keeps, within bounds. */
const KEPT_ENERGY = 0.9;
const [FEWEST_AXES, CUSTOMARY_AXES, MOST_AXES] = [256, 512, 1024];

/** Numbers of all content vectors together: what exceeds them has no more than the customary axes. */
const MOST_NUMBERS = 2e7;

/** Columns up to which all axes are found at once. */
const WHOLE = 1024;

/**
 * Axes of the channel, fitted on the given rows: d x min(dimension, d). The leading eigenvectors of the d x d Gram: standardised
 * features are centred on the same rows already. (On the rows themselves, 3,700 x 650, it took ten times as long.) `auto`: as many as
 * hold nine tenths of the squared length, 256 to 1,024; at most 512 from 39,000 items on.
 */
export async function fitChannelAxes(
  content: Matrix,
  rows: ArrayLike<number>,
  dimension: number | "auto",
  backend: ComputeBackend = defaultBackend(),
): Promise<Matrix> {
  const most = dimension === "auto" ? mostAxes(content) : dimension;
  if (content.columns <= (dimension === "auto" ? FEWEST_AXES : dimension)) return identity(content.columns);
  const gram = await backend.gram(takeRows(content, rows));
  const { values, axes } = await eigenAxes(gram, most, backend);
  const count = dimension === "auto" ? Math.min(most, axesFor(values, traceOf(gram))) : dimension;
  return columnRange(axes, 0, Math.min(count, axes.columns));
}

function mostAxes({ rows }: Matrix): number {
  return Math.max(CUSTOMARY_AXES, Math.min(MOST_AXES, Math.floor(MOST_NUMBERS / rows)));
}

/** How many of the descending eigenvalues hold the energy. */
function axesFor(values: Float64Array, all: number): number {
  let kept = 0;
  const last = values.findIndex((value) => {
    kept += value;
    return kept >= KEPT_ENERGY * all;
  });
  return Math.max(FEWEST_AXES, last < 0 ? values.length : last + 1);
}

function traceOf({ values, columns }: Matrix<Float64Array>): number {
  let trace = 0;
  for (let j = 0; j < columns; j++) trace += values[j * (columns + 1)];
  return trace;
}

/** Eigenvalues, descending, and eigenvectors: all of them, or of a large Gram the leading `rank` by subspace iteration. */
async function eigenAxes(gram: Matrix<Float64Array>, rank: number, backend: ComputeBackend) {
  if (gram.columns <= WHOLE) {
    const { values, vectors } = await backend.eigen(gram);
    return { values, axes: toFloat32(vectors) };
  }
  const map = centredMap(toFloat32(gram), new Float32Array(gram.columns), backend);
  const { singularValues: values, right: axes } = await truncatedSvd(map, { rank, seed: SEED }, backend);
  return { values, axes };
}

/** b z(x) of every row; zeros for a row without content. */
export async function channelVectors(
  content: Matrix,
  channel: ContentChannel,
  backend: ComputeBackend = defaultBackend(),
): Promise<Matrix> {
  return scaleContent(await unitContent(content, channel.axes, backend), channel);
}

/** z(x) of every row, of length 1: n x c; zeros for a row without content. */
export async function unitContent(
  content: Matrix,
  axes: Matrix,
  backend: ComputeBackend = defaultBackend(),
): Promise<Matrix> {
  return unitRows(await backend.multiplyTransposed(content, transpose(axes)));
}

/** Unit content vectors (n x c) at the length of the channel. */
function scaleContent(unit: Matrix, { length }: Pick<ContentChannel, "length">): Matrix {
  return scaleRows(unit, new Float64Array(unit.rows).fill(length));
}

function identity(n: number): Matrix {
  const matrix = zeros(n, n);
  for (let i = 0; i < n; i++) matrix.values[i * n + i] = 1;
  return matrix;
}
