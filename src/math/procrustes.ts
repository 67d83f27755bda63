/**
 * The orthogonal map R that brings the rows of A nearest to those of B, argmin |A R - B|^2: the orthogonal polar factor of M = A'B
 * (Schoenemann 1966). It is found by X <- 3/2 X - 1/2 X X'X from M over its norm (Newton-Schulz; Higham 2008, "Functions of Matrices",
 * chapter 8), in products alone. A small share of the identity is added to M, which settles directions that no row has.
 */
import type { ComputeBackend } from "./compute/backend.ts";
import { transpose } from "./linear-map.ts";
import type { Matrix } from "./matrix.ts";

/** Share of the identity in M; below what rows of float32 can tell. */
const SETTLING = 1e-5;
const MOST_STEPS = 120;
/** The largest error of R R' = I in float32 products. */
const ROUNDING = 4e-6;

/** R: d x max(d, e), rows orthonormal, from A n x d and B n x e; B counts as longer by zeros where e < d. */
export async function orthogonalMap(a: Matrix, b: Matrix, backend: ComputeBackend): Promise<Matrix> {
  const columns = Math.max(a.columns, b.columns);
  const product = await backend.multiplyTransposed(transpose(a), transpose(b));
  let map = scaledStart(product, columns);
  for (let step = 0; step < MOST_STEPS; step++) {
    const square = await backend.multiplyTransposed(map, map);
    if (distanceFromIdentity(square) < ROUNDING) break;
    const cubed = await backend.multiplyTransposed(square, transpose(map));
    map = { ...map, values: map.values.map((value, p) => 1.5 * value - 0.5 * cubed.values[p]) };
  }
  return map;
}

/** M / |M| + a share of the identity: d x columns, no singular value above 1 by more than that share. */
function scaledStart(product: Matrix, columns: number): Matrix {
  const norm = Math.sqrt(product.values.reduce((sum, value) => sum + value * value, 0));
  const values = new Float32Array(product.rows * columns);
  for (let i = 0; i < product.rows; i++) {
    for (let j = 0; j < product.columns; j++) {
      values[i * columns + j] = norm > 0 ? product.values[i * product.columns + j] / norm : 0;
    }
    values[i * columns + i] += norm > 0 ? SETTLING : 1;
  }
  return { rows: product.rows, columns, values };
}

function distanceFromIdentity({ rows, values }: Matrix): number {
  return values.reduce((worst, value, p) => Math.max(worst, Math.abs(value - (p % (rows + 1) === 0 ? 1 : 0))), 0);
}
