/** Normalised discounted cumulative gain (Jarvelin and Kekalainen 2002): a shown item counts 1 / log2(rank + 1), over its best value. */
import type { RankMetricKind } from "../rank-metric.ts";
import { LIFT } from "./lift.ts";

const discount = (rank: number): number => 1 / Math.log2(rank + 1);

function idealGain(k: number, weights: ArrayLike<number>): number {
  let ideal = 0;
  for (let j = 0; j < Math.min(k, weights.length); j++) ideal += weights[j] * discount(j + 1);
  return ideal;
}

export const ndcg: RankMetricKind = {
  of: "ranks",
  name: "ndcg",
  label: "NDCG",
  gain: discount,
  divisor: idealGain,
  definition: "sum over shown held-out items of 1 / log2(rank + 1), over its best value: the first min(k, n) ranks",
};

export const ndcgLift: RankMetricKind = {
  of: "ranks",
  name: "ndcg-lift",
  gain: discount,
  divisor: idealGain,
  weighted: true,
  definition: `as ndcg with the gain w / log2(rank + 1), over its best order; ${LIFT}`,
};
