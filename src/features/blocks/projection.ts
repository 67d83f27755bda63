/** Principal components of a block (Pearson 1901), fitted on training items that have it, whitened if asked for: (x - m) V S^-p. */

import type { BlockValues } from "../../data/block-values.ts";
import { defaultBackend } from "../../math/compute/backend.ts";
import { centredMap, multiply, transpose } from "../../math/linear-map.ts";
import { columnMeans, type Matrix, takeRows, zeros } from "../../math/matrix.ts";
import { truncatedSvd } from "../../math/truncated-svd.ts";

export interface Projection {
  /** 1 x d. */
  readonly mean: Matrix;
  /** V S^-p: d x components. */
  readonly axes: Matrix;
}

export interface ProjectionOptions {
  /** Axes kept, at most; null keeps all. */
  readonly components: number | null;
  /** p: axis j is scaled by (s_1 / s_j)^p, which keeps the first as it is. */
  readonly whitening: number;
}

const SEED = 1;

/** Axes with less than this share of the first's deviation are noise: whitening lifts them no further. */
const DEVIATION_FLOOR = 1e-3;

/** Fits axes on the given rows; null, which keeps the block as it is, when there is nothing to cut and nothing to whiten. */
export async function fitProjection(
  block: BlockValues,
  rows: ArrayLike<number>,
  { components, whitening }: ProjectionOptions,
): Promise<Projection | null> {
  const present = Array.from(rows).filter((row) => block.presence[row] === 1);
  const { columns } = block.vectors;
  const cut = components !== null && columns > components;
  if (present.length === 0 || columns === 0 || !(cut || whitening > 0)) return null;
  const sample = takeRows(block.vectors, present);
  const mean = { rows: 1, columns, values: columnMeans(sample) };
  const rank = Math.min(components ?? columns, columns);
  const { right, singularValues } = await truncatedSvd(centredMap(sample, mean.values), { rank, seed: SEED });
  return { mean, axes: scaledAxes(right, singularValues, whitening) };
}

function scaledAxes(axes: Matrix, deviations: Float64Array, whitening: number): Matrix {
  if (whitening === 0) return axes;
  const scales = deviations.map((value) => Math.max(value / deviations[0], DEVIATION_FLOOR) ** -whitening);
  const values = axes.values.map((value, place) => value * scales[place % axes.columns]);
  return { ...axes, values };
}

/** The projected block; missing rows stay zeros. */
export async function applyProjection({ mean, axes }: Projection, block: BlockValues): Promise<BlockValues> {
  const projected = await defaultBackend().multiplyTransposed(block.vectors, transpose(axes));
  const offset = multiply(mean, axes).values;
  const vectors = zeros(projected.rows, axes.columns);
  for (const [row, present] of block.presence.entries()) {
    if (present === 0) continue;
    const start = row * axes.columns;
    for (let j = 0; j < axes.columns; j++) vectors.values[start + j] = projected.values[start + j] - offset[j];
  }
  return { vectors, presence: block.presence };
}

/** The share of the variance of `rows` that lies along the axes, whatever their lengths. */
export async function keptVariance(
  { mean, axes }: Projection,
  vectors: Matrix,
  rows: readonly number[],
): Promise<number> {
  const sample = takeRows(vectors, rows);
  for (let i = 0; i < sample.values.length; i++) sample.values[i] -= mean.values[i % sample.columns];
  const total = squareOf(sample.values);
  const lengths = new Float64Array(axes.columns);
  for (const [place, value] of axes.values.entries()) lengths[place % axes.columns] += value * value;
  const { values: along } = await defaultBackend().multiplyTransposed(sample, transpose(axes));
  let kept = 0;
  for (const [place, value] of along.entries()) {
    const square = lengths[place % axes.columns];
    if (square > 0) kept += (value * value) / square;
  }
  return total === 0 ? 1 : Math.min(1, kept / total);
}

function squareOf(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value * value, 0);
}
