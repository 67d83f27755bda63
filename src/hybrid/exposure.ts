/**
 * Exposure e_i in [0, 1]: how much of the time item i was there to be seen, the share of the unobserved pairs that say something.
 *   e_i = n_i / (n_i + exposure) * t_i,    t_i = share of all interactions that are no older than the item's first
 * for the support n_i: an item nobody met keeps its prior, and users whose interactions all came before an item did not pass it over.
 * Where no times are known, or only their order within a user, t_i = 1.
 */
import type { Interactions } from "../data/interactions.ts";
import { lowerBound } from "../math/lower-bound.ts";
import type { ResolvedEmbeddingOptions } from "./embedding-options.ts";

export type ExposureOptions = Pick<ResolvedEmbeddingOptions, "exposure" | "exposureFrom">;

/** e of every item, from its support and when it was first seen. */
export function exposureOf(
  interactions: Interactions,
  support: Uint32Array,
  { exposure, exposureFrom }: ExposureOptions,
): Float64Array {
  const bySupport = Float64Array.from(support, (n) => (n === 0 ? 0 : n / (n + exposure)));
  const { times } = interactions;
  const fromStart = times === undefined || exposureFrom === "support";
  if (fromStart || (exposureFrom === "auto" && isOrderWithinUsers(interactions, times))) return bySupport;
  const shares = sharesSince.get(interactions) ?? sharesSinceFirst(interactions, times);
  sharesSince.set(interactions, shares);
  return bySupport.map((e, item) => e * shares[item]);
}

/** Those of interactions that were asked for before: a search over settings asks for them at every strength of the prior. */
const sharesSince = new WeakMap<Interactions, Float64Array>();

/** t of every item; 1 where no time is known. */
function sharesSinceFirst(interactions: Interactions, times: Float64Array): Float64Array {
  const known = times.filter((time) => !Number.isNaN(time)).sort();
  return firstSeen(interactions, times).map((first) =>
    first === Infinity ? 1 : 1 - lowerBound(known, first) / known.length,
  );
}

/** The earliest known time of every item; Infinity where none is. */
export function firstSeen({ indices, columns }: Interactions, times: Float64Array): Float64Array {
  const first = new Float64Array(columns).fill(Infinity);
  for (let p = 0; p < indices.length; p++) if (times[p] < first[indices[p]]) first[indices[p]] = times[p];
  return first;
}

/** Positions in a user's history, 0, 1, 2, ... instead of times: most users begin at the same one. */
export function isOrderWithinUsers({ indptr, rows }: Interactions, times: Float64Array): boolean {
  const begins = new Map<number, number>();
  let [users, most] = [0, 0];
  for (let user = 0; user < rows; user++) {
    let begin = Infinity;
    for (let p = indptr[user]; p < indptr[user + 1]; p++) begin = Math.min(begin, times[p]);
    if (!Number.isFinite(begin)) continue;
    const count = (begins.get(begin) ?? 0) + 1;
    begins.set(begin, count);
    most = Math.max(most, count);
    users++;
  }
  return most > users / 2;
}
