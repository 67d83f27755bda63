/** How unlike one another the items of a list are, by their content. */
import type { Matrix } from "../../../math/matrix.ts";
import { squaredNorms } from "../../../math/row-norms.ts";
import { figurePerUser, type ListMetricKind } from "../list-metric.ts";

export const diversity: ListMetricKind = {
  of: "lists",
  name: "diversity",
  definition: "mean of 1 - cosine of the content vectors over all pairs of a list",
  needsContent: true,
  figure: (world, k) => {
    const { content } = world;
    if (content === undefined) return figurePerUser(world, k, () => 0);
    const directions = { ...content, squares: squaredNorms(content), sum: new Float64Array(content.columns) };
    return figurePerUser(world, k, (shown) => diversityOf(shown, directions));
  },
};

interface Directions extends Matrix {
  /** |direction|^2 of every item. */
  readonly squares: Float64Array;
  /** Memory for a sum of directions. */
  readonly sum: Float64Array;
}

/** Over pairs i < j: sum of cosines = (|sum of directions|^2 - sum of |direction|^2) / 2. */
function diversityOf(shown: Int32Array, { columns, values, squares, sum }: Directions): number {
  if (shown.length < 2) return 0;
  sum.fill(0);
  let apart = 0;
  for (const item of shown) apart += squares[item];
  // Five items at a time: the sum is then read and written a fifth as often.
  let s = 0;
  for (; s + 5 <= shown.length; s += 5) {
    const [a, b, c] = [shown[s] * columns, shown[s + 1] * columns, shown[s + 2] * columns];
    const [e, f] = [shown[s + 3] * columns, shown[s + 4] * columns];
    for (let d = 0; d < columns; d++)
      sum[d] = sum[d] + values[a + d] + values[b + d] + values[c + d] + values[e + d] + values[f + d];
  }
  for (; s < shown.length; s++) {
    const begin = shown[s] * columns;
    for (let d = 0; d < columns; d++) sum[d] += values[begin + d];
  }
  let together = 0;
  for (let d = 0; d < columns; d++) together += sum[d] * sum[d];
  return 1 - (together - apart) / (shown.length * (shown.length - 1));
}
