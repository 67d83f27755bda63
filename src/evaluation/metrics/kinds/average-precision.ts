/** Average precision, of which a report's mean over users is MAP. */
import type { RankMetricKind } from "../rank-metric.ts";

export const averagePrecision: RankMetricKind = {
  of: "ranks",
  name: "map",
  label: "MAP",
  gain: (rank, j) => j / rank,
  divisor: (k, { length }) => Math.min(k, length),
  definition: "sum of the precisions at each shown held-out item, over min(k, n)",
};
