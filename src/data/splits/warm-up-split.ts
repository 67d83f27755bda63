/**
 * `warm-up`: what models make of an item's first n interactions. A seeded share of the items with ample interactions takes
 * part; each has one seeded order, of which training sees the first n and every level of n has the same targets: what lies
 * beyond the largest n. A level that too few items can reach is left out, and named.
 */
import { z } from "zod";
import { TailrecError } from "../../errors.ts";
import { createRandom, type Random } from "../../math/random.ts";
import { parseOptions } from "../../options.ts";
import { type Interactions, itemSupport } from "../interactions.ts";
import { takeEntries } from "./split.ts";

export const warmUpOptionsSchema = z.strictObject({
  reveal: z
    .array(z.int().min(0))
    .min(1)
    .default([0, 1, 3, 10, 30, 100])
    .describe("numbers of interactions of each item that training sees"),
  targets: z.int().min(1).default(10).describe("least interactions of each item that are held out at every level"),
  minimumItems: z
    .int()
    .min(2)
    .default(100)
    .describe("a level takes part when so many items have enough interactions for it and the targets"),
  share: z.number().gt(0).max(1).default(0.2).describe("share of those items that take part at once"),
  seed: z.int().default(1).describe("seed of the choice of items and of the order of their interactions"),
});

export type WarmUpOptions = z.input<typeof warmUpOptionsSchema>;
type ResolvedWarmUpOptions = z.output<typeof warmUpOptionsSchema>;

export interface WarmUpLevel {
  /** n. */
  readonly revealed: number;
  /** Holds n interactions of every warm-up item; each level's contains those of the levels before it. */
  readonly train: Interactions;
}

export interface WarmUpSplit {
  /** Ascending in n. */
  readonly levels: readonly WarmUpLevel[];
  /** Interactions with warm-up items; every user among them has a training interaction at every level. */
  readonly test: Interactions;
  /** The warm-up items, ascending. */
  readonly items: Uint32Array;
  /** Values of `reveal` for which fewer than `minimumItems` items have interactions enough. */
  readonly unreached: readonly number[];
  /** Plain JSON: how the split was made and how large it came out. */
  readonly description: Readonly<Record<string, string | number | null>>;
}

/** Throws NOT_ENOUGH_DATA when not even the smallest level has items enough, or no target's user has another interaction. */
export function splitWarmUp(interactions: Interactions, options: WarmUpOptions = {}): WarmUpSplit {
  const resolved = parseOptions(warmUpOptionsSchema, options, "warm-up");
  const { share, targets, seed } = resolved;
  const support = itemSupport(interactions);
  const reached = reachedLevels(support, resolved);
  const most = reached[reached.length - 1];
  const eligible = Uint32Array.from(support.keys()).filter((item) => support[item] >= most + targets);
  const random = createRandom(seed);
  random.shuffle(eligible);
  const items = eligible.slice(0, Math.max(Math.round(share * eligible.length), 1)).sort();
  const places = placesInOrder(interactions, items, random);
  const levels = reached.map((revealed): WarmUpLevel => {
    const hidden = places.map((place) => Number(place >= revealed));
    return { revealed, train: takeEntries(interactions, Uint8Array.from(hidden), 0) };
  });
  const { held, withoutHistory } = targetsBeyond(interactions, places, most);
  const test = takeEntries(interactions, held, 1);
  if (test.indices.length === 0) {
    const message = "warm-up: expected a target whose user has met other items, received none; lower the share";
    throw new TailrecError("NOT_ENOUGH_DATA", message);
  }
  return {
    levels,
    test,
    items,
    unreached: resolved.reveal.filter((revealed) => revealed > most).sort((a, b) => a - b),
    description: {
      kind: "warm-up",
      share,
      targets,
      seed,
      eligibleItems: eligible.length,
      warmUpItems: items.length,
      testInteractions: test.indices.length,
      targetsWithoutHistory: withoutHistory,
    },
  };
}

/** The distinct values of `reveal`, ascending, that enough items can reach. */
function reachedLevels(support: Uint32Array, { reveal, targets, minimumItems }: ResolvedWarmUpOptions): number[] {
  const wanted = [...new Set(reveal)].sort((a, b) => a - b);
  const itemsFor = (revealed: number) => support.filter((count) => count >= revealed + targets).length;
  const reached = wanted.filter((revealed) => itemsFor(revealed) >= minimumItems);
  if (reached.length > 0) return reached;
  throw new TailrecError(
    "NOT_ENOUGH_DATA",
    `warm-up: expected at least ${minimumItems} items with ${wanted[0] + targets} or more interactions, received ${itemsFor(wanted[0])}; lower minimumItems or targets`,
  );
}

/** Where every interaction stands in the seeded order of its item, from 0; -1 for items that do not take part. */
function placesInOrder({ indices }: Interactions, items: Uint32Array, random: Random): Int32Array {
  const entries = new Map(Array.from(items, (item): [number, number[]] => [item, []]));
  for (const [p, item] of indices.entries()) entries.get(item)?.push(p);
  const places = new Int32Array(indices.length).fill(-1);
  for (const own of entries.values()) {
    random.shuffle(own);
    for (const [place, p] of own.entries()) places[p] = place;
  }
  return places;
}

/**
 * What no level reveals, of users who have met items that do not take part. A user whose every interaction is hidden at n = 0
 * would be unknown there and known later: the curve would show the user's warm-up, not the item's.
 */
function targetsBeyond({ rows, indptr, indices }: Interactions, places: Int32Array, most: number) {
  const held = new Uint8Array(indices.length);
  let withoutHistory = 0;
  for (let user = 0; user < rows; user++) {
    const own = places.subarray(indptr[user], indptr[user + 1]);
    const isKnown = own.includes(-1);
    for (let p = indptr[user]; p < indptr[user + 1]; p++) {
      if (places[p] < most) continue;
      if (isKnown) held[p] = 1;
      else withoutHistory++;
    }
  }
  return { held, withoutHistory };
}
