/** A metric: the share of users whose first listed item is right. */
import type { RankMetricKind } from "tailrec";

export const firstPlace: RankMetricKind = {
  of: "ranks",
  name: "first-place",
  definition: "1 where the first item of the list is held out, else 0",
  // The j-th held-out item of a user stands at `rank`; the metric is the sum of gains over the divisor.
  gain: (rank) => (rank === 1 ? 1 : 0),
  divisor: () => 1,
};
