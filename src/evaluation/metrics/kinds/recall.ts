/** Recall: the share of the held-out items that the list shows, plain and weighted by lift (Steck 2011). */
import type { RankMetricKind } from "../rank-metric.ts";
import { LIFT } from "./lift.ts";

export const recall: RankMetricKind = {
  of: "ranks",
  name: "recall",
  gain: () => 1,
  divisor: (_, { length }) => length,
  definition: "held-out items shown, over all n held-out items: below 1 where n > k",
};

export const recallLift: RankMetricKind = {
  of: "ranks",
  name: "recall-lift",
  gain: () => 1,
  divisor: (_, weights) => sumOf(weights),
  weighted: true,
  definition: `sum of w over shown held-out items, over that of all; ${LIFT}`,
};

function sumOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum;
}
