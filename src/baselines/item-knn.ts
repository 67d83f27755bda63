/**
 * Baseline `item-knn` (Sarwar et al. 2001; Deshpande and Karypis 2004): an item is scored by the user's items among its
 * nearest neighbours, similarity being the shrunk cosine of the items' columns.
 */

import type { ScoredContender } from "../evaluation/ranking/scorer.ts";
import { rowOf, type SparseMatrix, transposeSparse, zeros } from "../math/matrix.ts";
import { sparseBuilder } from "../math/sparse-builder.ts";
import { parseOptions } from "../options.ts";
import type { Baseline } from "./model-kind.ts";
import {
  addScaledRow,
  type NeighbourOptions,
  type NeighbourOptionsInput,
  nearestRows,
  neighbourChoice,
  neighbourOptionsSchema,
} from "./neighbours.ts";

/** score(u, j) = sum over the items i of u that are among the nearest neighbours of j: c_ui s(i, j). */
export function itemKnn(train: SparseMatrix, options: NeighbourOptionsInput = {}): ScoredContender {
  const parsed = parseOptions(neighbourOptionsSchema, options, "item-knn");
  // Row i: the items j that have i among their neighbours.
  const neighbours = neighbourMatrix(transposeSparse(train), parsed);
  const influence = transposeSparse(neighbours);
  const score = (users: Uint32Array) => {
    const scores = zeros(users.length, train.columns);
    for (const [i, user] of users.entries()) {
      const row = rowOf(scores, i);
      for (let p = train.indptr[user]; p < train.indptr[user + 1]; p++) {
        addScaledRow(influence, train.indices[p], train.values[p], row);
      }
    }
    return scores;
  };
  const similar = (items: Uint32Array) => {
    const scores = zeros(items.length, train.columns);
    for (const [i, item] of items.entries()) addScaledRow(neighbours, item, 1, rowOf(scores, i));
    return scores;
  };
  return { name: "item-knn", score, similar: { score: similar } };
}

/** items x items: row j holds the similarities of j's neighbours. */
function neighbourMatrix(items: SparseMatrix, options: NeighbourOptions): SparseMatrix {
  const nearest = nearestRows(items, options);
  const matrix = sparseBuilder(items.rows);
  for (let j = 0; j < items.rows; j++) {
    const { rows, similarities } = nearest(j);
    for (const row of rows.sort()) matrix.add(row, similarities[row]);
    matrix.endRow();
  }
  return matrix.build(items.rows);
}

export const itemKnnKind: Baseline<NeighbourOptionsInput> = {
  name: "item-knn",
  words: "an item is scored by the user's items among its nearest neighbours in behaviour",
  knowsContent: false,
  schema: neighbourOptionsSchema,
  choice: neighbourChoice,
  fit: ({ train }, options) => itemKnn(train, options),
};
