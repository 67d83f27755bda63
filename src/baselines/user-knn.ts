/**
 * Baseline `user-knn` (Resnick et al. 1994, in its implicit form): an item is scored by the nearest users who took it,
 * similarity being the shrunk cosine of the users' rows.
 */

import type { ScoredContender } from "../evaluation/ranking/scorer.ts";
import { rowOf, type SparseMatrix, zeros } from "../math/matrix.ts";
import { parseOptions } from "../options.ts";
import type { Baseline } from "./model-kind.ts";
import {
  addScaledRow,
  type NeighbourOptionsInput,
  nearestRows,
  neighbourChoice,
  neighbourOptionsSchema,
} from "./neighbours.ts";

/** score(u, j) = sum over the nearest users v of u: s(u, v) c_vj. */
export function userKnn(train: SparseMatrix, options: NeighbourOptionsInput = {}): ScoredContender {
  const nearest = nearestRows(train, parseOptions(neighbourOptionsSchema, options, "user-knn"));
  const score = (users: Uint32Array) => {
    const scores = zeros(users.length, train.columns);
    for (const [i, user] of users.entries()) {
      const { rows, similarities } = nearest(user);
      const row = rowOf(scores, i);
      for (const other of rows) addScaledRow(train, other, similarities[other], row);
    }
    return scores;
  };
  return { name: "user-knn", score };
}

export const userKnnKind: Baseline<NeighbourOptionsInput> = {
  name: "user-knn",
  words: "an item is scored by the nearest users who took it",
  knowsContent: false,
  schema: neighbourOptionsSchema,
  choice: neighbourChoice,
  fit: ({ train }, options) => userKnn(train, options),
};
