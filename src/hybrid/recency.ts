/**
 * What a user took last says more of what comes next. In the solve of a user the interaction that r later ones follow
 * counts (1 - d)^r of its confidence; the user's total confidence stays as it was, so that d shifts trust and adds none.
 * Interactions of the same moment count alike (each is followed by those strictly later). Exponential forgetting by place in
 * the sequence, not by the clock: sessions of an hour and of a year have the same shape.
 */
import type { Interactions } from "../data/interactions.ts";
import type { SparseMatrix } from "../math/matrix.ts";

/** Below this an interaction is forgotten in all but name; a row solve needs weights above 0. */
const LEAST_SHARE = 1e-3;

/** The same interactions, users x n, with weights by recency; as they are when d = `decay` is 0 or there are no times. */
export function weighByRecency(interactions: Interactions, decay: number): SparseMatrix {
  const { indptr, times } = interactions;
  if (decay === 0 || times === undefined) return interactions;
  const values = interactions.values.slice();
  for (let user = 0; user < interactions.rows; user++) {
    const [begin, end] = [indptr[user], indptr[user + 1]];
    const later = laterCounts(times.subarray(begin, end));
    const shares = later.map((count) => Math.max((1 - decay) ** count, LEAST_SHARE));
    rescale(values.subarray(begin, end), shares);
  }
  return { ...interactions, values };
}

/** For every time the number of strictly later ones; unknown times are the earliest. */
function laterCounts(times: Float64Array): Float64Array {
  const known = times.map((time) => (Number.isNaN(time) ? Number.NEGATIVE_INFINITY : time));
  const descending = known.slice().sort().reverse();
  return known.map((time) => descending.indexOf(time));
}

/** Multiplies by the shares and brings the sum back to what it was. */
function rescale(values: Float32Array, shares: Float64Array): void {
  const total = values.reduce((sum, value) => sum + value, 0);
  const kept = values.reduce((sum, value, p) => sum + value * shares[p], 0);
  for (let p = 0; p < values.length; p++) values[p] *= (shares[p] * total) / kept;
}
