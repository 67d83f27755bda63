/**
 * Score space as plain squares: with M = C C', (p - h)' M (p - h) = |C'p - C'h|^2. Rows are multiplied by C / t, t the root mean square
 * of the numbers that come out, so that a network meets numbers of order one whatever the scale of the factors.
 */
import type { ComputeBackend } from "../../../math/compute/backend.ts";
import { choleskyInPlace } from "../../../math/compute/symmetric.ts";
import { type Matrix, zeros } from "../../../math/matrix.ts";

export interface Whitening {
  /** Y C / t. */
  apply(rows: Matrix): Promise<Matrix>;
  /** t Y C^-1. */
  undo(rows: Matrix): Promise<Matrix>;
}

/** Fitted to the rows of y (n x k); plain scaling without a metric (k x k). */
export async function fitWhitening(
  y: Matrix,
  metric: Matrix<Float64Array> | undefined,
  backend: ComputeBackend,
): Promise<Whitening> {
  const k = y.columns;
  const factor = metric === undefined ? identity(k) : metric.values.slice();
  if (metric !== undefined) choleskyInPlace(factor, k);
  const white = await backend.multiplyTransposed(y, lowerTransposed(factor, k, 1));
  const square = white.values.reduce((sum, value) => sum + value * value, 0) / Math.max(1, white.values.length);
  const length = square > 0 ? Math.sqrt(square) : 1;
  const forward = lowerTransposed(factor, k, 1 / length);
  const backward = lowerTransposed(lowerInverse(factor, k), k, length);
  return {
    apply: (rows) => backend.multiplyTransposed(rows, forward),
    undo: (rows) => backend.multiplyTransposed(rows, backward),
  };
}

function identity(k: number): Float64Array {
  return Float64Array.from({ length: k * k }, (_, p) => (p % (k + 1) === 0 ? 1 : 0));
}

/** scale L', the second operand of a product with L. */
function lowerTransposed(lower: Float64Array, k: number, scale: number): Matrix {
  const turned = zeros(k, k);
  for (let i = 0; i < k; i++) for (let j = 0; j <= i; j++) turned.values[j * k + i] = scale * lower[i * k + j];
  return turned;
}

/** L^-1 by forward substitution. */
function lowerInverse(lower: Float64Array, k: number): Float64Array {
  const inverse = new Float64Array(k * k);
  for (let j = 0; j < k; j++) {
    inverse[j * k + j] = 1 / lower[j * k + j];
    for (let i = j + 1; i < k; i++) {
      let sum = 0;
      for (let p = j; p < i; p++) sum += lower[i * k + p] * inverse[p * k + j];
      inverse[i * k + j] = -sum / lower[i * k + i];
    }
  }
  return inverse;
}
