/**
 * Ridge regression in closed form: W = (X'X + s I)^-1 X'Y (primal, when features are fewer than items) or
 * W = X'(XX' + s I)^-1 Y (dual, otherwise); the two are equal (Saunders et al. 1998). One Gram serves every shift s.
 */
import type { Kernel } from "../math/kernel.ts";
import { transpose } from "../math/linear-map.ts";
import { type Matrix, zeros64 } from "../math/matrix.ts";

/** Weights (features x outputs) for every shift; X is items x features, Y items x outputs, both centred by the caller. */
export async function solveRidge(
  x: Matrix,
  y: Matrix,
  shifts: readonly number[],
  kernel: Kernel,
): Promise<readonly Matrix[]> {
  const transposed = transpose(x);
  if (x.columns <= x.rows) {
    const right = await kernel.multiplyTransposed(transposed, transpose(y));
    return kernel.solveShifted(await kernel.gram(x), toFloat64(right), shifts);
  }
  const duals = await kernel.solveShifted(await kernel.gram(transposed), toFloat64(y), shifts);
  return Promise.all(duals.map((dual) => kernel.multiplyTransposed(transposed, transpose(dual))));
}

function toFloat64(matrix: Matrix): Matrix<Float64Array> {
  const result = zeros64(matrix.rows, matrix.columns);
  result.values.set(matrix.values);
  return result;
}
