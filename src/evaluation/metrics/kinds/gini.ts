/** The Gini coefficient of exposure: how unequally the competing items are shown. */
import { figureOfAllLists, type ListMetricKind } from "../list-metric.ts";

export const gini: ListMetricKind = {
  of: "lists",
  name: "gini",
  definition: "Gini coefficient of how often each competing item is shown: 0 all alike, 1 one item only",
  figure: (world, k) => figureOfAllLists(world, k, giniOf),
};

/** sum_i (2 i - n - 1) x_i / (n sum x), x ascending. */
function giniOf(counts: Float64Array): number {
  const sorted = counts.slice().sort();
  const n = sorted.length;
  let spread = 0;
  let total = 0;
  for (let i = 0; i < n; i++) {
    spread += (2 * (i + 1) - n - 1) * sorted[i];
    total += sorted[i];
  }
  return total === 0 ? 0 : spread / (n * total);
}
