/** Metrics of the first held-out item that the list shows: its reciprocal rank, and whether there is one. */
import type { RankMetricKind } from "../rank-metric.ts";

export const mrr: RankMetricKind = {
  of: "ranks",
  name: "mrr",
  label: "MRR",
  gain: (rank, j) => (j === 1 ? 1 / rank : 0),
  divisor: () => 1,
  definition: "1 / rank of the first shown held-out item, 0 where none is shown",
};

export const hit: RankMetricKind = {
  of: "ranks",
  name: "hit",
  gain: (_, j) => (j === 1 ? 1 : 0),
  divisor: () => 1,
  definition: "1 where a held-out item is shown, else 0",
};
