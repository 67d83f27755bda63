/**
 * A launch as it happened: what comes after one moment is asked for, of users who were there before it. Items first seen after it are
 * launched with nothing. Items first seen in the last tenth of the interactions before it are launched with what they have.
 */
import { TailrecError } from "../../errors.ts";
import { type Interactions, itemSupport } from "../interactions.ts";
import { firstSeen, latestShareFrom, RECENT_SHARE } from "../recent-items.ts";
import { type LaunchSplit, launchedRows } from "./launch-split.ts";
import { takeEntries } from "./split.ts";
import { cutByTime } from "./time-split.ts";

/** The latest `heldOut` of all interactions is cut off. NOT_ENOUGH_DATA without times, without a question, or without an item that is new. */
export function splitTimedLaunch(interactions: Interactions, heldOut: number, seed: number): LaunchSplit {
  const { side, cutoff, withoutHistory } = cutByTime(interactions, heldOut, "launch");
  const train = takeEntries(interactions, side, 0);
  const test = takeEntries(interactions, side, 1);
  const support = itemSupport(train);
  const seen = firstSeen(interactions);
  const from = latestShareFrom(train.times ?? new Float64Array(), RECENT_SHARE);
  const revealed = Int32Array.from(support, (count, item) => (seen[item] > from ? count : -1));
  const { sizes, ...rows } = launchedRows({ train, test }, revealed);
  if (rows.launched.length === 0) {
    const message = `launch: expected an item that is first seen after the time ${from}, received none; use kind: simulated`;
    throw new TailrecError("NOT_ENOUGH_DATA", message);
  }
  const description = {
    kind: "launch",
    heldOut,
    order: "time",
    cutoff,
    launchedFrom: from,
    withoutHistory,
    seed,
    ...sizes,
  };
  const heldBack = takeEntries(
    interactions,
    side.map((of) => Number(of !== 0)),
    1,
  );
  return { train, test, ...rows, revealed, heldBack, description };
}
