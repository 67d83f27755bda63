/**
 * Baseline `user-knn` (Resnick et al. 1994, in its implicit form): an item is scored by the nearest users who took it,
 * similarity being the shrunk cosine of the users' rows.
 */

import type { ScoredContender } from "../evaluation/ranking/scorer.ts";
import { defaultBackend } from "../math/compute/backend.ts";
import { sharedSparse } from "../math/compute/shared-memory.ts";
import type { SparseMatrix } from "../math/matrix.ts";
import { parseOptions } from "../options.ts";
import type { Baseline } from "./model-kind.ts";
import {
  type NeighbourOptionsInput,
  nearestRows,
  neighbourChoice,
  neighbourOptionsSchema,
  neighboursOf,
} from "./neighbours.ts";

/** score(u, j) = sum over the nearest users v of u: s(u, v) c_vj. */
export function userKnn(train: SparseMatrix, options: NeighbourOptionsInput = {}): ScoredContender {
  const nearest = nearestRows(train, parseOptions(neighbourOptionsSchema, options, "user-knn"));
  const taken = sharedSparse(train);
  const score = (users: Uint32Array) =>
    defaultBackend().multiplyBothSparse({ a: neighboursOf(users, nearest, train.rows), b: taken });
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
