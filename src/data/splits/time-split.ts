/**
 * A global cut in time: what happened after it is the test side, whoever did it, so that no model has seen the future (Ji et al. 2023,
 * "A critical study on data leakage in recommender system offline evaluation").
 */
import { TailrecError } from "../../errors.ts";
import type { Interactions } from "../interactions.ts";

/** Where an interaction goes: 0 training, 1 test, 2 neither. */
export interface TimeCut {
  readonly side: Uint8Array;
  /** The latest time of the training side. */
  readonly cutoff: number;
  /** Interactions after the cut of users without any before it: nothing is known of them, so nothing can be asked. */
  readonly withoutHistory: number;
}

/** The latest `share` of all interactions is cut off; those of unknown time come first. NOT_ENOUGH_DATA where nothing is left to ask. */
export function cutByTime({ rows, indptr, times }: Interactions, share: number, protocol: string): TimeCut {
  if (times === undefined) {
    throw new TailrecError(
      "NOT_ENOUGH_DATA",
      `${protocol}: "time" needs times; map columns.time or choose another kind`,
    );
  }
  const known = times.filter((time) => !Number.isNaN(time)).sort();
  const cutoff = known[Math.max(0, known.length - 1 - Math.round(share * times.length))];
  const side = Uint8Array.from(times, (time) => (time > cutoff ? 1 : 0));
  let withoutHistory = 0;
  for (let user = 0; user < rows; user++) {
    const own = side.subarray(indptr[user], indptr[user + 1]);
    if (own.includes(0)) continue;
    withoutHistory += own.length;
    own.fill(2);
  }
  if (side.includes(1)) return { side, cutoff, withoutHistory };
  const message = `${protocol}: expected a user with interactions before and after the time ${cutoff}, received none; raise the share`;
  throw new TailrecError("NOT_ENOUGH_DATA", message);
}
