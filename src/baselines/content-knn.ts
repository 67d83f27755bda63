/**
 * Baseline `content-knn`: items near, in content alone, to what the user took. The user's profile is the
 * confidence-weighted mean of the unit content vectors of the training items.
 */

import { factorRanker, queryRanker, type ScoredContender } from "../evaluation/ranking/scorer.ts";
import { type ComputeBackend, defaultBackend } from "../math/compute/backend.ts";
import { sharedMatrix } from "../math/compute/shared-memory.ts";
import { type Matrix, rowOf, type SparseMatrix, zeros } from "../math/matrix.ts";
import { unitRows } from "../math/row-norms.ts";
import type { Baseline } from "./model-kind.ts";

/**
 * score(u, j) = z_j . (sum c_ui z_i) / (sum c_ui), with z the rows of `content` (items x d) at unit length; an item
 * without content scores 0.
 */
export function contentKnn(
  train: SparseMatrix,
  content: Matrix,
  backend: ComputeBackend = defaultBackend(),
): ScoredContender {
  const unit = sharedMatrix(unitRows(content));
  const take = (users: Uint32Array) => profiles(train, unit, users);
  const ranker = queryRanker({ rows: train.rows, columns: unit.columns, take }, unit, backend);
  return { name: "content-knn", ...ranker, similar: factorRanker(unit, unit, backend) };
}

function profiles(train: SparseMatrix, unit: Matrix, users: Uint32Array): Matrix {
  const result = zeros(users.length, unit.columns);
  for (const [i, user] of users.entries()) {
    const begin = train.indptr[user];
    const end = train.indptr[user + 1];
    const total = train.values.subarray(begin, end).reduce((sum, confidence) => sum + confidence, 0);
    for (let p = begin; p < end; p++) {
      addScaled(rowOf(unit, train.indices[p]), train.values[p] / total, rowOf(result, i));
    }
  }
  return result;
}

function addScaled(vector: Float32Array, factor: number, sums: Float32Array): void {
  for (let d = 0; d < vector.length; d++) sums[d] += factor * vector[d];
}

export const contentKnnKind: Baseline = {
  name: "content-knn",
  words: "items near, in content alone, to what the user took",
  byDefault: true,
  knowsContent: true,
  fit: async ({ train, content }) => contentKnn(train, await content()),
};
