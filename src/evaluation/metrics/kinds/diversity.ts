/** How unlike one another the items of a list are, by their content. */
import { type Matrix, rowOf } from "../../../math/matrix.ts";
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
  const sum = new Float64Array(content.columns);
  let squares = 0;
  for (const item of shown) {
    const direction = rowOf(content, item);
    for (let d = 0; d < sum.length; d++) {
      sum[d] += direction[d];
      squares += direction[d] ** 2;
    }
  }
  const together = sum.reduce((total, value) => total + value * value, 0);
  return 1 - (together - squares) / (shown.length * (shown.length - 1));
}
