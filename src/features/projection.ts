/** Principal components of a block (Pearson 1901), fitted on training items that have it: (x - m) V. */
import { centredMap, multiply } from "../math/linear-map.ts";
import { type Matrix, takeRows, zeros } from "../math/matrix.ts";
import { truncatedSvd } from "../math/truncated-svd.ts";
import type { BlockValues } from "./block-values.ts";

export interface Projection {
  /** 1 x d. */
  readonly mean: Matrix;
  /** V: d x components. */
  readonly axes: Matrix;
}

const SEED = 1;

/** Fits at most `components` axes on the given rows; null, which keeps the block as it is, when it has no more columns than that. */
export async function fitProjection(
  block: BlockValues,
  rows: ArrayLike<number>,
  components: number,
): Promise<Projection | null> {
  const present = Array.from(rows).filter((row) => block.presence[row] === 1);
  if (block.vectors.columns <= components || present.length === 0) return null;
  const sample = takeRows(block.vectors, present);
  const mean = columnMeans(sample);
  const { right } = await truncatedSvd(centredMap(sample, mean.values), { rank: components, seed: SEED });
  return { mean, axes: right };
}

/** The projected block; missing rows stay zeros. */
export function applyProjection({ mean, axes }: Projection, block: BlockValues): BlockValues {
  const projected = multiply(block.vectors, axes);
  const offset = multiply(mean, axes).values;
  const vectors = zeros(projected.rows, axes.columns);
  for (const [row, present] of block.presence.entries()) {
    if (present === 0) continue;
    const start = row * axes.columns;
    for (let j = 0; j < axes.columns; j++) vectors.values[start + j] = projected.values[start + j] - offset[j];
  }
  return { vectors, presence: block.presence };
}

function columnMeans({ rows, columns, values }: Matrix): Matrix {
  const sums = new Float64Array(columns);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) sums[j] += values[i * columns + j];
  return { rows: 1, columns, values: Float32Array.from(sums, (sum) => sum / rows) };
}
