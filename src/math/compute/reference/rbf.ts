/** RBF kernels as the reference backend adds them up. */
import { decay } from "../../exponential.ts";
import type { RbfRequest } from "../compute-backend.ts";

/** exp(-|x - y|^2 / w) = exp(-(|x|^2 + |y|^2 - 2 x'y) / w); rounding may leave a distance below 0. */
export function addDistances({ sums, first, products, productSums, x, y, scale, width }: RbfRequest): void {
  const { rows, columns, values } = sums;
  for (let i = 0; i < rows; i++) {
    for (let j = first; j < columns; j++) {
      const p = i * products.columns + j - first;
      const distance = x[i] + y[j] - 2 * products.values[p];
      if (productSums !== undefined) productSums.values[p] += products.values[p];
      values[i * columns + j] += scale * decay(distance > 0 ? distance / width : 0);
    }
  }
}
