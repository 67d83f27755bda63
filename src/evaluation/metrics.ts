/**
 * Ranking metrics at k for one user, binary relevance, as pure functions of the ranks (from 1, ascending) of that
 * user's n held-out items. With r_1 < r_2 < ... the ranks:
 *
 *   ndcg  sum_{r_j <= k} 1 / log2(r_j + 1), over its best value sum_{j <= min(k, n)} 1 / log2(j + 1)
 *   recall  #{r_j <= k} / n              map  sum_{r_j <= k} (j / r_j) / min(k, n)
 *   hit  1 when r_1 <= k, else 0         mrr  1 / r_1 when r_1 <= k, else 0
 *
 * Recall divides by all n held-out items, so that recall@10 cannot reach 1 for a user with more than 10.
 */
import { TailrecError } from "../errors.ts";

/** Ranks ascending, at least one; k >= 1. The value lies in [0, 1]. */
export type RankMetric = (ranks: ArrayLike<number>, k: number) => number;

export const ndcg: RankMetric = (ranks, k) => {
  let gain = 0;
  for (let j = 0; j < ranks.length && ranks[j] <= k; j++) gain += 1 / Math.log2(ranks[j] + 1);
  if (gain === 0) return 0;
  let ideal = 0;
  for (let j = 1; j <= Math.min(k, ranks.length); j++) ideal += 1 / Math.log2(j + 1);
  return gain / ideal;
};

export const recall: RankMetric = (ranks, k) => countWithin(ranks, k) / ranks.length;

export const averagePrecision: RankMetric = (ranks, k) => {
  let sum = 0;
  for (let j = 0; j < ranks.length && ranks[j] <= k; j++) sum += (j + 1) / ranks[j];
  return sum / Math.min(k, ranks.length);
};

export const hitRate: RankMetric = (ranks, k) => (ranks[0] <= k ? 1 : 0);

export const reciprocalRank: RankMetric = (ranks, k) => (ranks[0] <= k ? 1 / ranks[0] : 0);

function countWithin(ranks: ArrayLike<number>, k: number): number {
  let count = 0;
  while (count < ranks.length && ranks[count] <= k) count++;
  return count;
}

const METRICS: Readonly<Record<string, RankMetric>> = {
  ndcg,
  recall,
  map: averagePrecision,
  hit: hitRate,
  mrr: reciprocalRank,
};

/** "ndcg@10" and its like: a metric of the table, and k from 1. */
export const METRIC_NAME = new RegExp(`^(${Object.keys(METRICS).join("|")})@[1-9][0-9]*$`);

/** The metric called e.g. "ndcg@10" as a function of the ranks; INVALID_OPTIONS when there is none. */
export function metricNamed(name: string): (ranks: ArrayLike<number>) => number {
  if (!METRIC_NAME.test(name)) {
    const known = Object.keys(METRICS).join(", ");
    throw new TailrecError("INVALID_OPTIONS", `expected a metric such as "ndcg@10" (${known}), received "${name}"`);
  }
  const [kind, cut] = name.split("@");
  const metric = METRICS[kind];
  const k = Number(cut);
  return (ranks) => metric(ranks, k);
}
