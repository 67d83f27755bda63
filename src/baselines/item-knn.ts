/**
 * Baseline `item-knn` (Sarwar et al. 2001; Deshpande and Karypis 2004): an item is scored by the user's items among its
 * nearest neighbours, similarity being the shrunk cosine of the items' columns.
 */

import type { ScoredContender, Scorer } from "../evaluation/ranking/scorer.ts";
import { defaultBackend } from "../math/compute/backend.ts";
import { sharedSparse } from "../math/compute/shared-memory.ts";
import { rowOf, type SparseMatrix, takeSparseRows, transposeSparse, zeros } from "../math/matrix.ts";
import { parseOptions } from "../options.ts";
import type { Baseline } from "./model-kind.ts";
import { neighbourChoice } from "./neighbour-choice.ts";
import {
  addScaledRow,
  type NearestRows,
  type NeighbourOptionsInput,
  nearestRows,
  neighbourOptionsSchema,
  neighboursOf,
} from "./neighbours.ts";

/** score(u, j) = sum over the items i of u that are among the nearest neighbours of j: c_ui s(i, j). */
export function itemKnn(train: SparseMatrix, options: NeighbourOptionsInput = {}): ScoredContender {
  const parsed = parseOptions(neighbourOptionsSchema, options, "item-knn");
  return byNeighbours(train, nearestRows(transposeSparse(train), parsed));
}

/** `nearest`: of the items. */
function byNeighbours(train: SparseMatrix, nearest: NearestRows): ScoredContender {
  const neighbours = neighboursOf(Array(train.columns).keys(), nearest, train.columns);
  // Row i: the items j that have i among their neighbours.
  const influence = sharedSparse(transposeSparse(neighbours));
  const score: Scorer = (users, into) =>
    defaultBackend().multiplyBothSparse({ a: takeSparseRows(train, users), b: influence, into });
  const similar = (items: Uint32Array) => {
    const scores = zeros(items.length, train.columns);
    for (const [i, item] of items.entries()) addScaledRow(neighbours, item, 1, rowOf(scores, i));
    return scores;
  };
  return { name: "item-knn", score, similar: { score: similar } };
}

export const itemKnnKind: Baseline<NeighbourOptionsInput> = {
  name: "item-knn",
  words: "an item is scored by the user's items among its nearest neighbours in behaviour",
  knowsContent: false,
  schema: neighbourOptionsSchema,
  choice: neighbourChoice,
  fit: ({ train, neighbours }, options) =>
    neighbours === undefined
      ? itemKnn(train, options)
      : byNeighbours(train, neighbours().items(neighbourOptionsSchema.parse(options ?? {}))),
};
