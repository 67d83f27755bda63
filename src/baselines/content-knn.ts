/**
 * Baseline `content-knn`: items near, in content alone, to what the user took. The user's profile is the
 * confidence-weighted mean of the unit content vectors of the training items.
 */

import { factorRanker, queryRanker, type ScoredContender } from "../evaluation/ranking/scorer.ts";
import { type ComputeBackend, defaultBackend } from "../math/compute/backend.ts";
import { sharedMatrix } from "../math/compute/shared-memory.ts";
import { type Matrix, type SparseMatrix, takeSparseRows } from "../math/matrix.ts";
import { directionsOf } from "../math/row-norms.ts";
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
  const unit = sharedMatrix(directionsOf(content));
  const take = (users: Uint32Array) => backend.multiplySparse(shares(takeSparseRows(train, users)), unit);
  const ranker = queryRanker({ rows: train.rows, columns: unit.columns, take }, unit, backend);
  return { name: "content-knn", ...ranker, similar: factorRanker(unit, unit, backend) };
}

/** The rows divided by their sums. */
function shares(rows: SparseMatrix): SparseMatrix {
  const { indptr } = rows;
  const values = rows.values.slice();
  for (let i = 0; i < rows.rows; i++) {
    let total = 0;
    for (let p = indptr[i]; p < indptr[i + 1]; p++) total += values[p];
    for (let p = indptr[i]; p < indptr[i + 1]; p++) values[p] /= total;
  }
  return { ...rows, values };
}

export const contentKnnKind: Baseline = {
  name: "content-knn",
  words: "items near, in content alone, to what the user took",
  byDefault: true,
  knowsContent: true,
  fit: async ({ train, directions }) => contentKnn(train, await directions()),
};
