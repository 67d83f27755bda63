/**
 * The geometric mean of two symmetric positive semi-definite matrices, A # B = A^1/2 (A^-1/2 B A^-1/2)^1/2 A^1/2: symmetric in A and
 * B, and (A B)^1/2 where they commute (Bhatia 2007, "Positive Definite Matrices", chapter 4).
 */
import type { ComputeBackend } from "./compute/backend.ts";
import { transpose } from "./linear-map.ts";
import { type Matrix, toFloat32 } from "./matrix.ts";

type Square = Matrix<Float64Array>;

/** Eigenvalues of A below this share of the largest are lifted to it, so that A has an inverse. */
const FLOOR = 1e-7;

/** A # B of n x n matrices; products in float32, which a basis of eigenvectors taken from it does not need better. */
export async function geometricMean(a: Square, b: Square, backend: ComputeBackend): Promise<Square> {
  const { values, vectors } = await backend.eigen(a);
  // A matrix of zeros has no direction.
  const floor = values[0] > 0 ? FLOOR * values[0] : 1;
  const powerOfA = (exponent: number) =>
    fromEigen(vectors, values, (value) => Math.max(value, floor) ** exponent, backend);
  const [root, inverseRoot] = [await powerOfA(0.5), await powerOfA(-0.5)];
  const between = await backend.eigen(await sandwich(inverseRoot, b, backend));
  const middle = await fromEigen(between.vectors, between.values, Math.sqrt, backend);
  return sandwich(root, middle, backend);
}

/** Q diag(f(values)) Q'. */
async function fromEigen(
  q: Square,
  values: Float64Array,
  f: (value: number) => number,
  backend: ComputeBackend,
): Promise<Square> {
  const factors = values.map(f);
  const scaled = { ...q, values: q.values.map((value, p) => value * factors[p % q.columns]) };
  return symmetric(await backend.multiplyTransposed(toFloat32(scaled), toFloat32(q)));
}

/** S M S for symmetric S and M. */
async function sandwich(s: Square, m: Square, backend: ComputeBackend): Promise<Square> {
  const half = await backend.multiplyTransposed(toFloat32(s), toFloat32(m));
  return symmetric(await backend.multiplyTransposed(half, toFloat32(s)));
}

/** Rounding undone: (M + M') / 2. */
function symmetric(matrix: Matrix): Square {
  const turned = transpose(matrix);
  const values = Float64Array.from(matrix.values);
  for (let p = 0; p < values.length; p++) values[p] = (values[p] + turned.values[p]) / 2;
  return { ...matrix, values };
}
