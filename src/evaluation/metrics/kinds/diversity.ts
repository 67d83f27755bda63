/** How unlike one another the items of a list are, by their content. */
import type { Matrix } from "../../../math/matrix.ts";
import { figurePerUser, type ListMetricKind } from "../list-metric.ts";

export const diversity: ListMetricKind = {
  of: "lists",
  name: "diversity",
  definition: "mean of 1 - cosine of the content vectors over all pairs of a list",
  needsContent: true,
  figure: (world, k) => {
    const { content } = world;
    const sum = new Float64Array(content?.columns ?? 0);
    return figurePerUser(world, k, (shown) => (content === undefined ? 0 : diversityOf(shown, content, sum)));
  },
};

/** Over pairs i < j: sum of cosines = (|sum of directions|^2 - sum of |direction|^2) / 2. `sum`: memory for d numbers. */
function diversityOf(shown: Int32Array, { columns, values }: Matrix, sum: Float64Array): number {
  if (shown.length < 2) return 0;
  sum.fill(0);
  let squares = 0;
  for (let s = 0; s < shown.length; s++) {
    const begin = shown[s] * columns;
    for (let d = 0; d < columns; d++) {
      const value = values[begin + d];
      sum[d] += value;
      squares += value * value;
    }
  }
  let together = 0;
  for (let d = 0; d < columns; d++) together += sum[d] * sum[d];
  return 1 - (together - squares) / (shown.length * (shown.length - 1));
}
