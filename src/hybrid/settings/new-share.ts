/**
 * How much of what comes next goes to new items: the share of the last tenth of the interactions that goes to items first seen in
 * it. It weighs new against known items where settings are chosen, so that what a catalog is like decides, not a tolerance.
 */
import type { Interactions } from "../../data/interactions.ts";
import { lowerBound } from "../../math/lower-bound.ts";
import { firstSeen, isOrderWithinUsers } from "../exposure.ts";

/** Between 0 and 1; undefined without times, or where times are only the order within each user. */
export function newShareOf(interactions: Interactions): number | undefined {
  const { times, indices } = interactions;
  if (times === undefined || isOrderWithinUsers(interactions, times)) return undefined;
  const known = times.filter((time) => !Number.isNaN(time)).sort();
  if (known.length < times.length / 2) return undefined;
  const moment = known[lowerBound(known, known[Math.floor(0.9 * known.length)])];
  const first = firstSeen(interactions, times);
  let [late, fresh] = [0, 0];
  for (const [p, item] of indices.entries()) {
    if (!(times[p] >= moment)) continue;
    late++;
    if (first[item] >= moment) fresh++;
  }
  return late === 0 ? undefined : fresh / late;
}
