/**
 * Observed user-item events as a sparse matrix: row = user, column = item, value = confidence c_ui > 0.
 * An item's *support* is its number of training interactions (distinct users).
 */
import type { SparseMatrix } from "../math/matrix.ts";

export interface Interactions extends SparseMatrix {
  /** Seconds since the epoch (or any order within a user), parallel to `indices`; NaN where unknown; absent when no row has a time. */
  readonly times?: Float64Array;
}

/** Interactions per item: `columns` counts. */
export function itemSupport(interactions: SparseMatrix): Uint32Array {
  const support = new Uint32Array(interactions.columns);
  for (const item of interactions.indices) support[item]++;
  return support;
}
