/**
 * The factors of the nearest items by content, weighted by similarity and shrunk to the mean:
 *   f(x) = (sum_j s_j t_j h_j + r mean) / (sum_j s_j t_j + r),   s_j = max(0, cos(x, x_j)),  t_j the item's weight over the mean weight,
 * over the `neighbours` most similar training items. The cosine is the mean of the blocks' cosines by squared block weight, as far as
 * the item has them: every block is brought to the length of its weight, then the row to length 1.
 */
import type { FeatureBlock } from "../../../data/feature-matrix.ts";
import type { ComputeBackend, TopK } from "../../../math/compute/backend.ts";
import { columnRange, type Matrix, rowOf, zeros } from "../../../math/matrix.ts";
import { unitRows } from "../../../math/row-norms.ts";

export interface KnnMap {
  readonly blocks: readonly FeatureBlock[];
  /** Unit rows of the training items: m x d. */
  readonly landmarks: Matrix;
  /** h: m x k. */
  readonly factors: Matrix;
  /** t: m. */
  readonly trust: Float32Array;
  /** k. */
  readonly mean: Float32Array;
  readonly neighbours: number;
  /** r. */
  readonly shrinkage: number;
}

export async function applyKnnMap(map: KnnMap, z: Matrix, backend: ComputeBackend): Promise<Matrix> {
  const count = Math.min(map.neighbours, map.landmarks.rows);
  const nearest = await backend.topK({ queries: similarityRows(z, map.blocks), items: map.landmarks, count });
  return blend(map, nearest);
}

/** As `applyKnnMap`, from lists at least as long as the map's neighbours. */
export function blend(map: KnnMap, { count, items, scores }: TopK): Matrix {
  const { factors, trust, mean, shrinkage, neighbours } = map;
  const prediction = zeros(items.length / count, factors.columns);
  for (let i = 0; i < prediction.rows; i++) {
    const row = rowOf(prediction, i);
    for (let d = 0; d < row.length; d++) row[d] = shrinkage * mean[d];
    let total = shrinkage;
    for (let p = i * count; p < i * count + Math.min(count, neighbours); p++) {
      const weight = scores[p] > 0 ? scores[p] * trust[items[p]] : 0;
      const neighbour = rowOf(factors, Math.max(0, items[p]));
      for (let d = 0; d < row.length; d++) row[d] += weight * neighbour[d];
      total += weight;
    }
    for (let d = 0; d < row.length; d++) row[d] /= total;
  }
  return prediction;
}

/** Rows whose inner products are the mixed cosines: n x d. */
export function similarityRows(z: Matrix, blocks: readonly FeatureBlock[]): Matrix {
  const rows = zeros(z.rows, z.columns - blocks.length);
  for (const { offset, dimension, weight } of blocks) {
    const unit = unitRows(columnRange(z, offset, offset + dimension));
    for (let i = 0; i < z.rows; i++) {
      for (let c = 0; c < dimension; c++)
        rows.values[i * rows.columns + offset + c] = weight * unit.values[i * dimension + c];
    }
  }
  return unitRows(rows);
}
