/**
 * The similar-items protocol: a query item's truth is what the users who took it went on to take, in the held-out part. Rows are query
 * items instead of users, so everything else is as for recommendations. Pairs that training shows already are neither truth nor
 * candidates. Popular items follow everything: the forms with lift weigh a truth by held-out count / (training support + 1).
 */
import { z } from "zod";
import type { Interactions } from "../data/interactions.ts";
import { itemSupport } from "../data/interactions.ts";
import { TailrecError } from "../errors.ts";
import type { SparseMatrix } from "../math/matrix.ts";
import { parseOptions } from "../options.ts";
import type { EvaluationInput } from "./evaluation-input.ts";
import type { Contender, Ranker } from "./ranking/scorer.ts";

export const similarItemsOptionsSchema = z.strictObject({
  relation: z
    .enum(["auto", "next", "together"])
    .default("auto")
    .describe(
      "truth of an item: what its users took next, or within a window of it; auto takes next when there are times",
    ),
  windowDays: z
    .number()
    .positive()
    .nullable()
    .default(null)
    .describe("together: most days between the two, before or after; null for any"),
});

export type SimilarItemsOptions = z.input<typeof similarItemsOptionsSchema>;

/** items x items: row q holds how many users went from q to each item. */
export interface SimilarTruth {
  /** In the held-out part, pairs of `seen` excluded. */
  readonly truth: SparseMatrix;
  /** In training, and every item with itself. */
  readonly seen: SparseMatrix;
  readonly relation: "next" | "together";
}

/** What the protocol measures besides the usual: the popularity-corrected truth. */
export const LIFT_METRICS = ["ndcg-lift@10", "recall-lift@10"] as const;

/** Ingested times are seconds. */
const SECONDS_A_DAY = 86_400;

interface Event {
  readonly item: number;
  readonly time: number;
  readonly held: boolean;
}

/** NOT_ENOUGH_DATA: "next" without times, or no held-out pair that training does not show. */
export function similarTruth(train: Interactions, test: Interactions, options: SimilarItemsOptions = {}): SimilarTruth {
  const { relation: asked, windowDays } = parseOptions(similarItemsOptionsSchema, options, "similar-items");
  const timed = train.times !== undefined && test.times !== undefined;
  if (!timed && (asked === "next" || windowDays !== null)) {
    throw new TailrecError("NOT_ENOUGH_DATA", 'similar-items: "next" and windows need times; map columns.time');
  }
  const relation = asked === "auto" ? (timed ? "next" : "together") : asked;
  const seconds = windowDays === null ? Number.POSITIVE_INFINITY : windowDays * SECONDS_A_DAY;
  const pairsOf = relation === "next" ? following : (events: readonly Event[]) => withinWindow(events, seconds);
  const counts = { truth: new Map<number, number>(), seen: new Map<number, number>() };
  const items = train.columns;
  for (let item = 0; item < items; item++) counts.seen.set(item * items + item, 1);
  for (let user = 0; user < train.rows; user++) {
    const known = eventsOf(train, user, false);
    for (const [from, to] of pairsOf(known)) countPair(counts.seen, from, to, items);
    for (const [from, to] of pairsOf([...known, ...eventsOf(test, user, true)])) {
      if (to.held) countPair(counts.truth, from, to, items);
    }
  }
  for (const pair of counts.seen.keys()) counts.truth.delete(pair);
  if (counts.truth.size === 0) {
    const message =
      "similar-items: expected a pair of items in the held-out part that training does not show, received none";
    throw new TailrecError("NOT_ENOUGH_DATA", `${message}; hold out more`);
  }
  return { truth: matrixOf(counts.truth, items), seen: matrixOf(counts.seen, items), relation };
}

function eventsOf({ indptr, indices, times }: Interactions, user: number, held: boolean): Event[] {
  return Array.from({ length: indptr[user + 1] - indptr[user] }, (_, i) => {
    const time = times?.[indptr[user] + i] ?? Number.NaN;
    return { item: indices[indptr[user] + i], time: Number.isNaN(time) ? -Infinity : time, held };
  });
}

/** Each event with the next in time; those of one moment follow each other in the order of their rows, held-out ones last. */
function following(events: readonly Event[]): [Event, Event][] {
  const compare = (a: Event, b: Event) =>
    (a.time < b.time ? -1 : Number(a.time > b.time)) || Number(a.held) - Number(b.held) || a.item - b.item;
  const sorted = [...events].sort(compare);
  return sorted.slice(1).map((event, i) => [sorted[i], event]);
}

function withinWindow(events: readonly Event[], seconds: number): [Event, Event][] {
  return events.flatMap((from) =>
    events.flatMap((to): [Event, Event][] => {
      const isNear = seconds === Number.POSITIVE_INFINITY || Math.abs(from.time - to.time) <= seconds;
      return from.item !== to.item && isNear ? [[from, to]] : [];
    }),
  );
}

function countPair(counts: Map<number, number>, { item: from }: Event, { item: to }: Event, items: number): void {
  counts.set(from * items + to, (counts.get(from * items + to) ?? 0) + 1);
}

function matrixOf(counts: ReadonlyMap<number, number>, items: number): SparseMatrix {
  const pairs = Float64Array.from(counts.keys()).sort();
  const indptr = new Uint32Array(items + 1);
  for (const pair of pairs) indptr[Math.floor(pair / items) + 1]++;
  for (let q = 0; q < items; q++) indptr[q + 1] += indptr[q];
  return {
    rows: items,
    columns: items,
    indptr,
    indices: Uint32Array.from(pairs, (pair) => pair % items),
    values: Float32Array.from(pairs, (pair) => counts.get(pair) ?? 0),
  };
}

/** Those that can say how alike two items are. */
export function similarityContenders(contenders: readonly Contender[]): Contender[] {
  return contenders.flatMap((contender): Contender[] => {
    const similar: Ranker | undefined = "lists" in contender ? undefined : contender.similar;
    return similar === undefined ? [] : [{ name: contender.name, ...similar }];
  });
}

/** What `evaluate` needs to measure contenders on a split's similar items; slices are of the query items' training support. */
export function similarItemsInput(
  train: Interactions,
  { truth, seen }: SimilarTruth,
  contenders: readonly Contender[],
): Omit<EvaluationInput, "protocol"> {
  const support = itemSupport(train);
  const targetWeights = Float64Array.from(truth.indices, (item, p) => truth.values[p] / (support[item] + 1));
  const popularity = { support, users: train.rows };
  return { train: seen, test: truth, contenders, sliceBy: "query", popularity, targetWeights };
}
