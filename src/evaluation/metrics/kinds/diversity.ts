/** How unlike one another the items of a list are, by their content. */
import type { Matrix } from "../../../math/matrix.ts";
import { figurePerUser, type ListMetricKind } from "../list-metric.ts";

export const diversity: ListMetricKind = {
  of: "lists",
  name: "diversity",
  definition: "mean of 1 - cosine of the content vectors over all pairs of a list",
  needsContent: true,
  figure: (world, k) => figurePerUser(world, k, (shown) => diversityOf(shown, world.content)),
};

/** Over pairs i < j: sum of cosines = (|sum of directions|^2 - sum of |direction|^2) / 2. */
function diversityOf(shown: Int32Array, content: Matrix | undefined): number {
  if (content === undefined || shown.length < 2) return 0;
  const { columns, values } = content;
  const sum = new Float64Array(columns);
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
