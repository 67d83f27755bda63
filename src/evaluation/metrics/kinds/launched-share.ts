/** How much of the lists goes to newly launched items. */
import { mean } from "../../../math/statistics.ts";
import { figurePerUser, type ListMetricKind } from "../list-metric.ts";

export const launchedShare: ListMetricKind = {
  of: "lists",
  name: "launched-share",
  definition: "share of the shown items that are newly launched",
  needsLaunched: true,
  figure: (world, k) =>
    figurePerUser(world, k, (shown) =>
      shown.length === 0 ? 0 : mean(Float64Array.from(shown, (item) => world.launched?.[item] ?? 0)),
    ),
};
