/**
 * What the lists of all users are like, beyond being right: figures of the first k places of the catalog lists. Those of one list are averaged
 * over users (bootstrap interval); coverage and Gini are of all lists at once, where a bootstrap is biased, since resamples hold
 * fewer different users: their interval is 1.96 standard errors of the delete-a-group jackknife (Efron and Tibshirani 1993, ch. 11).
 */
import { type Matrix, rowOf } from "../../math/matrix.ts";
import { unitRows } from "../../math/row-norms.ts";
import { mean } from "../../math/statistics.ts";
import type { Interval } from "../summary/bootstrap.ts";

export const LIST_METRIC_KINDS = [
  "item-coverage",
  "user-coverage",
  "gini",
  "novelty",
  "diversity",
  "tail-share",
] as const;

export type ListMetricKind = (typeof LIST_METRIC_KINDS)[number];

/** "gini@10" and its like. */
export const LIST_METRIC_NAME = new RegExp(`^(${LIST_METRIC_KINDS.join("|")})@[1-9][0-9]*$`);

export const LIST_DEFINITIONS: Readonly<Record<ListMetricKind, string>> = {
  "item-coverage": "share of the competing items that stand in somebody's list",
  "user-coverage": "share of the users whose list is full: k items",
  gini: "Gini coefficient of how often each competing item is shown: 0 all alike, 1 one item only",
  novelty: "mean self-information of a shown item in bits: -log2((training support + 1) / (users + 1))",
  diversity: "mean of 1 - cosine of the content vectors over all pairs of a list",
  "tail-share":
    "share of the shown items that are cold or tail: training support up to evaluation.tailSupport (10 unless set)",
};

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
}

/** One value a user, or one of all lists at once. */
export type ListFigure = { readonly perUser: Float64Array } | { readonly value: number; readonly ci95: Interval };

/** Unit content vectors, for `ListWorld.content`. */
export const contentDirections = unitRows;

export function listFigure(name: string, world: ListWorld): ListFigure {
  const [kind, cut] = name.split("@");
  const k = Math.min(Number(cut), world.length);
  if (kind === "item-coverage") return ofAllLists(world, k, coverageOf);
  if (kind === "gini") return ofAllLists(world, k, giniOf);
  const measure = listMeasure(kind as ListMetricKind, Number(cut), world);
  const users = world.lists.length / world.length;
  return { perUser: Float64Array.from({ length: users }, (_, u) => measure(shownTo(world, u, k))) };
}

function shownTo({ lists, length }: ListWorld, user: number, k: number): Int32Array {
  const list = lists.subarray(user * length, user * length + k);
  const end = list.indexOf(-1);
  return end < 0 ? list : list.subarray(0, end);
}

/** The measure of one list; an empty one counts 0. */
function listMeasure(kind: ListMetricKind, k: number, world: ListWorld): (shown: Int32Array) => number {
  if (kind === "user-coverage") return ({ length }) => Number(length >= Math.min(k, world.candidates.length));
  if (kind === "diversity") return (shown) => diversityOf(shown, world.content);
  const values = Float64Array.from(world.support, (support) =>
    kind === "novelty" ? -Math.log2((support + 1) / (world.population + 1)) : Number(support <= world.tailSupport),
  );
  return (shown) => (shown.length === 0 ? 0 : mean(Float64Array.from(shown, (item) => values[item])));
}

/** Over pairs i < j: sum of cosines = (|sum of directions|^2 - sum of |direction|^2) / 2. */
function diversityOf(shown: Int32Array, content: Matrix | undefined): number {
  if (content === undefined || shown.length < 2) return 0;
  const sum = new Float64Array(content.columns);
  let squares = 0;
  for (const item of shown) {
    const direction = rowOf(content, item);
    for (let d = 0; d < sum.length; d++) {
      sum[d] += direction[d];
      squares += direction[d] ** 2;
    }
  }
  const together = sum.reduce((total, value) => total + value * value, 0);
  return 1 - (together - squares) / (shown.length * (shown.length - 1));
}

const GROUPS = 20;

type CountsFigure = (counts: Float64Array) => number;

function ofAllLists(world: ListWorld, k: number, figureOf: CountsFigure): ListFigure {
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

function coverageOf(counts: Float64Array): number {
  return counts.filter((count) => count > 0).length / counts.length;
}

/** sum_i (2 i - n - 1) x_i / (n sum x), x ascending. */
function giniOf(counts: Float64Array): number {
  const sorted = counts.slice().sort();
  const n = sorted.length;
  let spread = 0;
  let total = 0;
  for (let i = 0; i < n; i++) {
    spread += (2 * (i + 1) - n - 1) * sorted[i];
    total += sorted[i];
  }
  return total === 0 ? 0 : spread / (n * total);
}
