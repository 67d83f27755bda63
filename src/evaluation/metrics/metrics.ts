/**
 * Ranking metrics at k of one user with n held-out items, as sums over those that the list of k shows: with r_1 < r_2 < ... their
 * ranks from 1, a metric is sum_{r_j <= k} gain(r_j, j) / divisor(k, n). A sum, so that it can be parted among the items too.
 * A target without a place in the list gains nothing. Ties in score are broken by the lower row, here and in served lists.
 * The forms with weights follow Jarvelin and Kekalainen 2002 (ndcg) and Steck 2011 (recall).
 */
import { TailrecError } from "../../errors.ts";

interface MetricKind {
  /** What the held-out item at rank r, the j-th that the list shows, adds. */
  readonly gain: (rank: number, j: number) => number;
  /** `weights`: of the n held-out items, descending; ones where `weighted` is false. */
  readonly divisor: (k: number, weights: ArrayLike<number>) => number;
  /** Whether gains are multiplied by the item's weight. */
  readonly weighted?: boolean;
  readonly definition: string;
}

const discount = (rank: number): number => 1 / Math.log2(rank + 1);
const LIFT =
  "w = held-out count over (training support + 1), which within one query is proportional to the lift of the pair";

const KINDS: Readonly<Record<string, MetricKind>> = {
  ndcg: {
    gain: discount,
    divisor: idealGain,
    definition: "sum over shown held-out items of 1 / log2(rank + 1), over its best value: the first min(k, n) ranks",
  },
  recall: {
    gain: () => 1,
    divisor: (_, { length }) => length,
    definition: "held-out items shown, over all n held-out items: below 1 where n > k",
  },
  precision: { gain: () => 1, divisor: (k) => k, definition: "held-out items shown, over k: below 1 where n < k" },
  f1: {
    gain: () => 2,
    divisor: (k, { length }) => k + length,
    definition: "harmonic mean of precision and recall: 2 x held-out items shown, over k + n",
  },
  map: {
    gain: (rank, j) => j / rank,
    divisor: (k, { length }) => Math.min(k, length),
    definition: "sum of the precisions at each shown held-out item, over min(k, n)",
  },
  mrr: {
    gain: (rank, j) => (j === 1 ? 1 / rank : 0),
    divisor: () => 1,
    definition: "1 / rank of the first shown held-out item, 0 where none is shown",
  },
  hit: { gain: (_, j) => (j === 1 ? 1 : 0), divisor: () => 1, definition: "1 where a held-out item is shown, else 0" },
  "ndcg-lift": {
    gain: discount,
    divisor: idealGain,
    weighted: true,
    definition: `as ndcg with the gain w / log2(rank + 1), over its best order; ${LIFT}`,
  },
  "recall-lift": {
    gain: () => 1,
    divisor: (_, weights) => sumOf(weights),
    weighted: true,
    definition: `sum of w over shown held-out items, over that of all; ${LIFT}`,
  },
};

export const METRIC_KINDS: readonly string[] = Object.keys(KINDS);

/** "ndcg@10" and its like: a metric of the table, and k from 1. */
export const METRIC_NAME = new RegExp(`^(${METRIC_KINDS.join("|")})@[1-9][0-9]*$`);

export interface RankMetric extends MetricKind {
  readonly name: string;
  readonly k: number;
}

/** The metric called e.g. "ndcg@10"; INVALID_OPTIONS when there is none. */
export function metricNamed(name: string): RankMetric {
  if (!METRIC_NAME.test(name)) {
    const known = METRIC_KINDS.join(", ");
    throw new TailrecError("INVALID_OPTIONS", `expected a metric such as "ndcg@10" (${known}), received "${name}"`);
  }
  const [kind, cut] = name.split("@");
  return { ...KINDS[kind], name, k: Number(cut) };
}

/** The value in [0, 1] for one user: `ranks` ascending, at least one; `weights` parallel to them, ones when absent. */
export function metricOf(metric: RankMetric, ranks: ArrayLike<number>, weights?: ArrayLike<number>): number {
  const { k, weighted } = metric;
  const used = weighted && weights !== undefined ? weights : ones(ranks.length);
  let gained = 0;
  for (let j = 0; j < ranks.length && ranks[j] <= k; j++) gained += metric.gain(ranks[j], j + 1) * used[j];
  return gained === 0 ? 0 : gained / metric.divisor(k, Float64Array.from(used).sort().reverse());
}

function ones(length: number): Float64Array {
  return new Float64Array(length).fill(1);
}

function idealGain(k: number, weights: ArrayLike<number>): number {
  let ideal = 0;
  for (let j = 0; j < Math.min(k, weights.length); j++) ideal += weights[j] * discount(j + 1);
  return ideal;
}

function sumOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum;
}
