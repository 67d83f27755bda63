/** RBF kernels as the reference backend adds them up. */
import { decay } from "../../exponential.ts";
import type { RbfRequest } from "../compute-backend.ts";

/** exp(-|x - y|^2 / w) = exp(-(|x|^2 + |y|^2 - 2 x'y) / w); rounding may leave a distance below 0. */
export function addDistances({ sums, first, products, x, y, scale, width }: RbfRequest): void {
  const { rows, columns, values } = sums;
  for (let i = 0; i < rows; i++) {
    for (let j = first; j < columns; j++) {
      const distance = x[i] + y[j] - 2 * products.values[i * products.columns + j - first];
      values[i * columns + j] += scale * decay(distance > 0 ? distance / width : 0);
    }
  }
}
