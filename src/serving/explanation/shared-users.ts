/**
 * How two items meet in the interactions: with n_a and n_b users, n_ab of them shared, out of N, the cosine is
 * n_ab / sqrt(n_a n_b) and the lift n_ab N / (n_a n_b), the shared users over those expected by chance.
 */
import type { SparseMatrix } from "../../math/matrix.ts";

export interface SharedUsers {
  readonly shared: number;
  /** Null when either item has no user. */
  readonly cosine: number | null;
  /** Null when either item has no user. */
  readonly lift: number | null;
}

/** One pass over the interactions (users x items). */
export function countSharedUsers(interactions: SparseMatrix, a: number, b: number): SharedUsers {
  const { rows, indptr, indices } = interactions;
  let usersOfA = 0;
  let usersOfB = 0;
  let shared = 0;
  for (let user = 0; user < rows; user++) {
    let hasA = 0;
    let hasB = 0;
    for (let p = indptr[user]; p < indptr[user + 1]; p++) {
      if (indices[p] === a) hasA = 1;
      if (indices[p] === b) hasB = 1;
    }
    usersOfA += hasA;
    usersOfB += hasB;
    shared += hasA * hasB;
  }
  const product = usersOfA * usersOfB;
  if (product === 0) return { shared, cosine: null, lift: null };
  return { shared, cosine: shared / Math.sqrt(product), lift: (shared * rows) / product };
}
