/** How much of the lists goes to cold and tail items. */
import { type ListMetricKind, meanOfShown } from "../list-metric.ts";

export const tailShare: ListMetricKind = {
  of: "lists",
  name: "tail-share",
  definition:
    "share of the shown items that are cold or tail: training support up to evaluation.tailSupport (10 unless set)",
  figure: (world, k) => meanOfShown(world, k, (support) => Number(support <= world.tailSupport)),
};
