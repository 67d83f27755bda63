/** How far from the obvious the shown items are. */
import { type ListMetricKind, meanOfShown } from "../list-metric.ts";

export const novelty: ListMetricKind = {
  of: "lists",
  name: "novelty",
  definition: "mean self-information of a shown item in bits: -log2((training support + 1) / (users + 1))",
  figure: (world, k) => meanOfShown(world, k, (support) => -Math.log2((support + 1) / (world.population + 1))),
};
