/**
 * What the lists of all users are like, beyond being right: figures of the first k places of the catalog lists. Those of one list are averaged
 * over users (bootstrap interval); coverage and Gini are of all lists at once, where a bootstrap is biased, since resamples hold
 * fewer different users: their interval is 1.96 standard errors of the delete-a-group jackknife (Efron and Tibshirani 1993, ch. 11).
 */
import type { Matrix } from "../../math/matrix.ts";
import { directionsOf } from "../../math/row-norms.ts";
import { mean } from "../../math/statistics.ts";
import type { Interval } from "../summary/bootstrap.ts";

/** A kind of figure of the lists. */
export interface ListMetricKind {
  readonly of: "lists";
  /** Before the "@" of a metric's name. */
  readonly name: string;
  readonly label?: string;
  /** One sentence, printed beneath the figures. */
  readonly definition: string;
  /** Left out where no content vectors are known. */
  readonly needsContent?: boolean;
  /** Left out where no item is said to be newly launched. */
  readonly needsLaunched?: boolean;
  /** The figure of the first k places: by `figurePerUser`, or by `figureOfAllLists`. */
  readonly figure: (world: ListWorld, k: number) => ListFigure;
}

/** A kind at its list length k. */
export interface ListMetric {
  /** "gini@10". */
  readonly name: string;
  readonly k: number;
  readonly kind: ListMetricKind;
}

export interface ListWorld {
  /** users x length item rows, best first; -1 where a list ends. */
  readonly lists: Int32Array;
  readonly length: number;
  /** Competing items. */
  readonly candidates: Uint32Array;
  readonly support: Uint32Array;
  /** Users that the support was counted over. */
  readonly population: number;
  readonly tailSupport: number;
  /** items x d at unit length; diversity needs it. */
  readonly content?: Matrix;
  /** A flag per item: 1 where it is newly launched; launched-share needs it. */
  readonly launched?: Uint8Array;
}

/** One value a user, or one of all lists at once. */
export type ListFigure = { readonly perUser: Float64Array } | { readonly value: number; readonly ci95: Interval };

/** Unit content vectors, for `ListWorld.content`. */
export const contentDirections = directionsOf;

/** `measure` of what each user is shown: item rows, best first, at most k. */
export function figurePerUser(world: ListWorld, k: number, measure: (shown: Int32Array) => number): ListFigure {
  const users = world.lists.length / world.length;
  return { perUser: Float64Array.from({ length: users }, (_, u) => measure(shownTo(world, u, k))) };
}

/** The mean worth of what each user is shown, by its training support; an empty list counts 0. */
export function meanOfShown(world: ListWorld, k: number, worth: (support: number) => number): ListFigure {
  const values = Float64Array.from(world.support, worth);
  return figurePerUser(world, k, (shown) => {
    let sum = 0;
    for (let s = 0; s < shown.length; s++) sum += values[shown[s]];
    return shown.length === 0 ? 0 : sum / shown.length;
  });
}

const GROUPS = 20;

/** `figureOf` the times that each competing item is shown, in all lists together. */
export function figureOfAllLists(world: ListWorld, k: number, figureOf: (counts: Float64Array) => number): ListFigure {
  const users = world.lists.length / world.length;
  const groups = Math.min(GROUPS, users);
  const byGroup = Array.from({ length: groups }, () => new Float64Array(world.support.length));
  for (let u = 0; u < users; u++) for (const item of shownTo(world, u, k)) byGroup[u % groups][item]++;
  const total = byGroup[0].map((_, item) => byGroup.reduce((sum, counts) => sum + counts[item], 0));
  const ofCandidates = (counts: Float64Array) => figureOf(Float64Array.from(world.candidates, (item) => counts[item]));
  const value = ofCandidates(total);
  const without = byGroup.map((counts) => ofCandidates(total.map((count, item) => count - counts[item])));
  const center = mean(without);
  const variance = ((groups - 1) / groups) * without.reduce((sum, figure) => sum + (figure - center) ** 2, 0);
  const reach = 1.96 * Math.sqrt(variance);
  return { value, ci95: [Math.max(0, value - reach), Math.min(1, value + reach)] };
}

function shownTo({ lists, length }: ListWorld, user: number, k: number): Int32Array {
  const list = lists.subarray(user * length, user * length + Math.min(k, length));
  const end = list.indexOf(-1);
  return end < 0 ? list : list.subarray(0, end);
}
