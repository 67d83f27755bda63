/**
 * Interactions that come a second time: pairs of which an update has nothing later than the bundle. A job that is given all interactions, or
 * the day before yesterday's again, would count them twice. Without times nothing tells a repetition from somebody who came back.
 */
import type { Interactions } from "../../data/interactions.ts";

/** How many pairs of `later` the earlier ones have at the same time or later. Rows and columns are the same in both, as far as they reach. */
export function repeatedPairs(earlier: Interactions, later: Interactions): number {
  const { times: known } = earlier;
  const { times } = later;
  if (known === undefined || times === undefined) return 0;
  let repeated = 0;
  for (let user = 0; user < earlier.rows; user++) {
    const [begin, end] = [later.indptr[user], later.indptr[user + 1]];
    if (begin === end) continue;
    const latest = new Map<number, number>();
    for (let at = earlier.indptr[user]; at < earlier.indptr[user + 1]; at++) latest.set(earlier.indices[at], known[at]);
    for (let at = begin; at < end; at++) if (times[at] <= (latest.get(later.indices[at]) ?? Number.NaN)) repeated++;
  }
  return repeated;
}
