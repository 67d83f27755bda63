/**
 * `launch`: old and new items in one question, as a shop meets them. A seeded share of the items is launched: training sees the
 * first n interactions of each, n from a list. Of every user's other interactions a share is held out, the latest where there are
 * times. What is asked for is everything held out that comes after the user's training.
 */
import { z } from "zod";
import { TailrecError } from "../../errors.ts";
import { createRandom, type Random } from "../../math/random.ts";
import { parseOptions } from "../../options.ts";
import { type Interactions, itemSupport } from "../interactions.ts";
import { type Split, sizesOf, takeEntries } from "./split.ts";

export const simulatedLaunchOptionsSchema = z.strictObject({
  share: z.number().gt(0).lt(1).default(0.1).describe("share of the items that are launched"),
  revealed: z
    .array(z.int().min(0))
    .min(1)
    .default([0, 1, 3, 10])
    .describe("interactions of a launched item that training sees: every launched item has one of these"),
  heldOut: z.number().gt(0).lt(1).default(0.2).describe("share of a user's other interactions that is held out"),
  order: z
    .enum(["auto", "latest", "random"])
    .default("auto")
    .describe("which of them are held out; auto: the latest where there are times"),
  seed: z.int().default(1).describe("seed of the choice of items and interactions"),
});

export type SimulatedLaunchOptions = z.input<typeof simulatedLaunchOptionsSchema>;

export interface LaunchSplit extends Split {
  /** Rows of the launched items, ascending. */
  readonly launched: Uint32Array;
  /** Everything that training does not see, asked for or not. */
  readonly heldBack: Interactions;
  /** A number per item: how many interactions training sees of a launched one, -1 for the others. */
  readonly revealed: Int32Array;
}

/** Launches some items and holds interactions out. NOT_ENOUGH_DATA when nothing is left to learn from or to ask for. */
export function splitSimulatedLaunch(interactions: Interactions, options: SimulatedLaunchOptions = {}): LaunchSplit {
  const {
    share,
    revealed: levels,
    heldOut,
    order: wanted,
    seed,
  } = parseOptions(simulatedLaunchOptionsSchema, options, "launch");
  const { times } = interactions;
  if (wanted === "latest" && times === undefined) {
    throw new TailrecError("NOT_ENOUGH_DATA", 'launch: "latest" needs times; map columns.time or choose "random"');
  }
  const order = wanted === "random" || times === undefined ? "random" : "latest";
  const ordered = order === "latest" ? interactions : { ...interactions, times: undefined };
  const random = createRandom(seed);
  const revealed = launchItems(interactions, { share, levels }, random);
  const held = new Uint8Array(interactions.indices.length);
  holdBackLaunched(ordered, revealed, held, random);
  holdOutOthers(ordered, revealed, heldOut, held, random);
  const asked = held.slice();
  forgetEarlier(ordered, asked);
  const [train, test] = [takeEntries(interactions, held, 0), takeEntries(interactions, asked, 1)];
  requireBoth(train, test);
  const { sizes, ...rows } = launchedRows({ train, test }, revealed);
  const description = { kind: "launch", share, heldOut, order, revealed: levels.join(", "), seed, ...sizes };
  return { train, test, ...rows, revealed, heldBack: takeEntries(interactions, held, 1), description };
}

/** The launched items, those of them that training has nothing of, and how large the split came out. */
export function launchedRows({ train, test }: Pick<Split, "train" | "test">, revealed: Int32Array) {
  const launched = Uint32Array.from(revealed.keys()).filter((item) => revealed[item] >= 0);
  const support = itemSupport(train);
  const coldItems = launched.filter((item) => support[item] === 0);
  const sizes = {
    ...sizesOf({ train, test, coldItems }),
    launchedItems: launched.length,
    launchedTargets: test.indices.filter((item) => revealed[item] >= 0).length,
  };
  return { launched, coldItems, sizes };
}

interface LaunchChoice {
  readonly share: number;
  readonly levels: readonly number[];
}

/** n of every launched item, -1 for the others; the levels take turns along a seeded order of the items with two interactions or more. */
function launchItems(interactions: Interactions, { share, levels }: LaunchChoice, random: Random): Int32Array {
  const support = itemSupport(interactions);
  const eligible = Uint32Array.from(support.keys()).filter((item) => support[item] >= 2);
  random.shuffle(eligible);
  const revealed = new Int32Array(interactions.columns).fill(-1);
  const count = Math.min(Math.max(Math.round(share * eligible.length), 1), eligible.length - 1);
  for (let k = 0; k < count; k++) revealed[eligible[k]] = levels[k % levels.length];
  return revealed;
}

/** Holds out everything of launched items after their first n interactions. */
function holdBackLaunched(
  { columns, indices, times }: Interactions,
  revealed: Int32Array,
  held: Uint8Array,
  random: Random,
): void {
  const places: number[][] = Array.from({ length: columns }, () => []);
  for (const [place, item] of indices.entries()) if (revealed[item] >= 0) places[item].push(place);
  for (const [item, own] of places.entries()) {
    if (own.length === 0) continue;
    const sorted = inOrder(Uint32Array.from(own), times, random);
    for (const place of sorted.subarray(revealed[item])) held[place] = 1;
  }
}

/** Holds out a share of each user's other interactions, rounded up or down by chance; one stays. */
function holdOutOthers(
  { rows, indptr, indices, times }: Interactions,
  revealed: Int32Array,
  share: number,
  held: Uint8Array,
  random: Random,
): void {
  for (let user = 0; user < rows; user++) {
    const all = Uint32Array.from({ length: indptr[user + 1] - indptr[user] }, (_, p) => indptr[user] + p);
    const sorted = inOrder(
      all.filter((place) => revealed[indices[place]] < 0),
      times,
      random,
    );
    const count = Math.min(Math.floor(share * sorted.length + random.next()), sorted.length - 1);
    for (let k = 1; k <= count; k++) held[sorted[sorted.length - k]] = 1;
  }
}

/** A seeded order, by time where times count; unknown times come first. */
function inOrder(places: Uint32Array, times: Float64Array | undefined, random: Random): Uint32Array {
  random.shuffle(places);
  if (times === undefined) return places;
  const timeOf = (place: number) => (Number.isNaN(times[place]) ? -Number.MAX_VALUE / 4 : times[place]);
  return places.sort((a, b) => timeOf(a) - timeOf(b));
}

/** What a user took before his training ends is no answer to what comes next. */
function forgetEarlier({ rows, indptr, times }: Interactions, asked: Uint8Array): void {
  if (times === undefined) return;
  for (let user = 0; user < rows; user++) {
    let last = Number.NEGATIVE_INFINITY;
    for (let p = indptr[user]; p < indptr[user + 1]; p++) if (asked[p] === 0 && times[p] > last) last = times[p];
    for (let p = indptr[user]; p < indptr[user + 1]; p++) if (asked[p] === 1 && times[p] < last) asked[p] = 0;
  }
}

function requireBoth(train: Interactions, test: Interactions): void {
  if (train.indices.length > 0 && test.indices.length > 0) return;
  const message =
    "launch: expected interactions to learn from and to ask for, received too few; give more interactions";
  throw new TailrecError("NOT_ENOUGH_DATA", message);
}
