/**
 * Which items are new: nobody has met them, or they were first seen in the latest share of the interactions. Where there are no times,
 * those that nobody has met.
 */
import { type Interactions, itemSupport } from "./interactions.ts";

/** Share of the interactions, the latest, in which an item is first seen that counts as new. */
export const RECENT_SHARE = 0.1;

/** A flag per item: 1 where it is new. */
export function newItemFlags(interactions: Interactions): Uint8Array {
  const support = itemSupport(interactions);
  const seen = firstSeen(interactions);
  const from = latestShareFrom(interactions.times ?? new Float64Array(), RECENT_SHARE);
  return Uint8Array.from(support, (count, item) => Number(count === 0 || seen[item] > from));
}

/** Per item; -Infinity where it is never seen at a known time, or once at an unknown one: nobody can say that it is new. */
export function firstSeen({ columns, indices, times = new Float64Array() }: Interactions): Float64Array {
  const first = new Float64Array(columns).fill(Number.POSITIVE_INFINITY);
  for (const [place, item] of indices.entries()) {
    const time = times[place] ?? Number.NaN;
    first[item] = Math.min(first[item], Number.isNaN(time) ? Number.NEGATIVE_INFINITY : time);
  }
  return first.map((time) => (time === Number.POSITIVE_INFINITY ? Number.NEGATIVE_INFINITY : time));
}

/** The time after which the latest share of the interactions lies; Infinity where no time is known. */
export function latestShareFrom(times: Float64Array, share: number): number {
  const known = times.filter((time) => !Number.isNaN(time)).sort();
  if (known.length === 0) return Number.POSITIVE_INFINITY;
  return known[Math.max(0, known.length - 1 - Math.round(share * known.length))];
}
