/**
 * The content channel b z(x) of the served vector [h ; b z(x)]: standardised features, presence bits left out, reduced to their
 * leading principal components and brought to length 1. What regression to factors loses on sparse data stays searchable here.
 */
import type { FeatureMatrix, Standardisation } from "../data/feature-matrix.ts";
import { standardiseValues } from "../data/feature-matrix.ts";
import { type ComputeBackend, defaultBackend } from "../math/compute/backend.ts";
import { centredMap, transpose } from "../math/linear-map.ts";
import { type Matrix, takeRows, toFloat32, zeros } from "../math/matrix.ts";
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

/**
 * Axes of the channel, fitted on the given rows: d x min(dimension, d). The leading eigenvectors of the d x d Gram, by subspace
 * iteration: standardised features are centred on the same rows already. (On the rows themselves, 3,700 x 650, it took ten times as long.)
 */
export async function fitChannelAxes(
  content: Matrix,
  rows: ArrayLike<number>,
  dimension: number,
  backend: ComputeBackend = defaultBackend(),
): Promise<Matrix> {
  if (content.columns <= dimension) return identity(content.columns);
  const gram = toFloat32(await backend.gram(takeRows(content, rows)));
  const map = centredMap(gram, new Float32Array(gram.columns), backend);
  return (await truncatedSvd(map, { rank: dimension, seed: SEED }, backend)).right;
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
