/**
 * Baseline `user-knn` (Resnick et al. 1994, in its implicit form): an item is scored by the nearest users who took it,
 * similarity being the shrunk cosine of the users' rows.
 */

import type { ScoredContender, Scorer } from "../evaluation/ranking/scorer.ts";
import { defaultBackend } from "../math/compute/backend.ts";
import { sharedSparse } from "../math/compute/shared-memory.ts";
import type { SparseMatrix } from "../math/matrix.ts";
import { parseOptions } from "../options.ts";
import type { Baseline } from "./model-kind.ts";
import { neighbourChoice } from "./neighbour-choice.ts";
import {
  type NearestRows,
  type NeighbourOptionsInput,
  nearestRows,
  neighbourOptionsSchema,
  neighboursOf,
} from "./neighbours.ts";

/** score(u, j) = sum over the nearest users v of u: s(u, v) c_vj. */
export function userKnn(train: SparseMatrix, options: NeighbourOptionsInput = {}): ScoredContender {
  return byNeighbours(train, nearestRows(train, parseOptions(neighbourOptionsSchema, options, "user-knn")));
}

/** `nearest`: of the users. */
function byNeighbours(train: SparseMatrix, nearest: NearestRows): ScoredContender {
  const taken = sharedSparse(train);
  const score: Scorer = (users, into) =>
    defaultBackend().multiplyBothSparse({ a: neighboursOf(users, nearest, train.rows), b: taken, into });
  return { name: "user-knn", score };
}

export const userKnnKind: Baseline<NeighbourOptionsInput> = {
  name: "user-knn",
  words: "an item is scored by the nearest users who took it",
  knowsContent: false,
  schema: neighbourOptionsSchema,
  choice: neighbourChoice,
  fit: ({ train, neighbours }, options) =>
    neighbours === undefined
      ? userKnn(train, options)
      : byNeighbours(train, neighbours().users(neighbourOptionsSchema.parse(options ?? {}))),
};
