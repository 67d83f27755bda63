/** Precision and its harmonic mean with recall. */
import type { RankMetricKind } from "../rank-metric.ts";

export const precision: RankMetricKind = {
  of: "ranks",
  name: "precision",
  gain: () => 1,
  divisor: (k) => k,
  definition: "held-out items shown, over k: below 1 where n < k",
};

export const f1: RankMetricKind = {
  of: "ranks",
  name: "f1",
  gain: () => 2,
  divisor: (k, { length }) => k + length,
  definition: "harmonic mean of precision and recall: 2 x held-out items shown, over k + n",
};
