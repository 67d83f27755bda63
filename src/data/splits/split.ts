/**
 * Training and test interactions of the same users x items shape, disjoint, together the whole.
 * `cold-items`: a seeded share of items loses every interaction. `warm-tail`: every user loses the latest few, a seeded few, or
 * all after one moment.
 */
import { z } from "zod";
import { TailrecError } from "../../errors.ts";
import { sharedFloat32, sharedUint32 } from "../../math/compute/shared-memory.ts";
import { createRandom } from "../../math/random.ts";
import { parseOptions } from "../../options.ts";
import { type Interactions, itemSupport } from "../interactions.ts";
import { cutByTime } from "./time-split.ts";

export interface Split {
  readonly train: Interactions;
  readonly test: Interactions;
  /** Items without any training interaction on purpose, ascending; empty for warm-tail. */
  readonly coldItems: Uint32Array;
  /** Plain JSON: how the split was made and how large it came out. */
  readonly description: Readonly<Record<string, string | number | null>>;
}

export const coldItemsOptionsSchema = z.strictObject({
  share: z.number().gt(0).lt(1).default(0.2).describe("share of the items whose interactions are all hidden"),
  minimumSupport: z
    .number()
    .int()
    .min(1)
    .default(1)
    .describe("only items with at least this many interactions are hidden"),
  seed: z.number().int().default(1).describe("seed of the choice"),
});

export const warmTailOptionsSchema = z.strictObject({
  kind: z
    .enum(["auto", "latest", "random", "time"])
    .default("auto")
    .describe(
      "hold out each user's latest interactions, seeded ones, or all after one moment (time); auto takes the latest when there are times",
    ),
  count: z.number().int().min(1).default(1).describe("interactions held out of each user"),
  share: z
    .number()
    .gt(0)
    .lt(1)
    .nullable()
    .default(null)
    .describe("share held out of each user, at least 1; overrides count; for time: of all interactions, .1 when null"),
  seed: z.number().int().default(1).describe("seed of the choice, and of ties in time"),
});

export type ColdItemsOptions = z.input<typeof coldItemsOptionsSchema>;
export type WarmTailOptions = z.input<typeof warmTailOptionsSchema>;

/** Hides a seeded share of the items. Throws NOT_ENOUGH_DATA when fewer than 2 items may be hidden. */
export function splitColdItems(interactions: Interactions, options: ColdItemsOptions = {}): Split {
  const { share, minimumSupport, seed } = parseOptions(coldItemsOptionsSchema, options, "cold-items");
  const support = itemSupport(interactions);
  const eligible = Uint32Array.from(support.keys()).filter((item) => support[item] >= minimumSupport);
  if (eligible.length < 2) {
    const message = `cold-items: expected at least 2 items with ${minimumSupport} or more interactions, received ${eligible.length}; leave it out (evaluation.coldItems: null), or run without an evaluation (--no-evaluate)`;
    throw new TailrecError("NOT_ENOUGH_DATA", message);
  }
  createRandom(seed).shuffle(eligible);
  const hidden = Math.min(Math.max(Math.round(share * eligible.length), 1), eligible.length - 1);
  const split = hideItems(interactions, eligible.subarray(0, hidden));
  return { ...split, description: { kind: "cold-items", share, minimumSupport, seed, ...split.description } };
}

/** All interactions of the given items go to the test side. */
export function hideItems(interactions: Interactions, items: ArrayLike<number>): Split {
  const coldItems = Uint32Array.from(new Set(Array.from(items))).sort();
  const isHidden = new Uint8Array(interactions.columns);
  for (const item of coldItems) {
    if (item < interactions.columns) isHidden[item] = 1;
    else
      throw new TailrecError("INVALID_ARGUMENT", `expected items in 0..${interactions.columns - 1}, received ${item}`);
  }
  return partition(
    interactions,
    Uint8Array.from(interactions.indices, (item) => isHidden[item]),
    coldItems,
  );
}

/** Holds out a few interactions of every user who has at least 2; at least 1 stays. Throws NOT_ENOUGH_DATA when nobody has 2. */
export function splitWarmTail(interactions: Interactions, options: WarmTailOptions = {}): Split {
  const { kind, count, share, seed } = parseOptions(warmTailOptionsSchema, options, "warm-tail");
  const { indptr, indices, times } = interactions;
  if (kind === "time") return splitByTime(interactions, share ?? 0.1, seed);
  if (kind === "latest" && times === undefined) {
    throw new TailrecError("NOT_ENOUGH_DATA", 'warm-tail: "latest" needs times; map columns.time or choose "random"');
  }
  const order = kind === "random" ? "random" : times === undefined ? "random" : "latest";
  const random = createRandom(seed);
  const held = new Uint8Array(indices.length);
  for (let user = 0; user < interactions.rows; user++) {
    const size = indptr[user + 1] - indptr[user];
    if (size < 2) continue;
    const places = Uint32Array.from({ length: size }, (_, i) => indptr[user] + i);
    random.shuffle(places);
    if (order === "latest" && times !== undefined) places.sort((a, b) => timeOf(times, b) - timeOf(times, a));
    const wanted = share === null ? count : Math.max(Math.round(share * size), 1);
    for (const place of places.subarray(0, Math.min(wanted, size - 1))) held[place] = 1;
  }
  const split = partition(interactions, held, new Uint32Array(0));
  if (split.test.indices.length === 0) {
    throw new TailrecError(
      "NOT_ENOUGH_DATA",
      "warm-tail: expected a user with at least 2 interactions, received none; leave it out (evaluation.warmTail: null), or run without an evaluation (--no-evaluate)",
    );
  }
  const amount = { count: share === null ? count : null, share };
  return { ...split, description: { kind: "warm-tail", order, ...amount, seed, ...split.description } };
}

function splitByTime(interactions: Interactions, share: number, seed: number): Split {
  const { side, cutoff, withoutHistory } = cutByTime(interactions, share, "warm-tail");
  const split = partition(interactions, side, new Uint32Array(0));
  const description = { kind: "warm-tail", order: "time", share, cutoff, withoutHistory, seed, ...split.description };
  return { ...split, description };
}

/** Unknown times come first; a finite stand-in, since differences of infinities are NaN. */
function timeOf(times: Float64Array, place: number): number {
  return Number.isNaN(times[place]) ? -Number.MAX_VALUE / 4 : times[place];
}

function partition(interactions: Interactions, held: Uint8Array, coldItems: Uint32Array): Split {
  const train = takeEntries(interactions, held, 0);
  const test = takeEntries(interactions, held, 1);
  return { train, test, coldItems, description: sizesOf({ train, test, coldItems }) };
}

/** How large a split came out. */
export function sizesOf({ train, test, coldItems }: Pick<Split, "train" | "test" | "coldItems">) {
  return {
    trainInteractions: train.indices.length,
    testInteractions: test.indices.length,
    testUsers: test.indptr.subarray(1).filter((end, user) => end > test.indptr[user]).length,
    coldItems: coldItems.length,
  };
}

/** The entries whose flag is `side`, in the same shape. */
export function takeEntries(interactions: Interactions, held: Uint8Array, side: 0 | 1): Interactions {
  const { rows, columns, times } = interactions;
  let length = 0;
  for (let p = 0; p < held.length; p++) length += Number(held[p] === side);
  const taken = {
    rows,
    columns,
    indptr: sharedUint32(rows + 1),
    indices: sharedUint32(length),
    values: sharedFloat32(length),
    ...(times && { times: new Float64Array(length) }),
  };
  copyEntries(interactions, held, side, taken);
  return taken;
}

function copyEntries(from: Interactions, held: Uint8Array, side: 0 | 1, to: Interactions): void {
  const { indptr, indices, values, times } = from;
  let end = 0;
  for (let user = 0; user < from.rows; user++) {
    for (let p = indptr[user]; p < indptr[user + 1]; p++) {
      if (held[p] !== side) continue;
      to.indices[end] = indices[p];
      to.values[end] = values[p];
      if (times && to.times) to.times[end] = times[p];
      end++;
    }
    to.indptr[user + 1] = end;
  }
}
