/** The Euclidean lengths of rows, and rows at unit length, so that inner products are cosines. */
import { type Matrix, zeros } from "./matrix.ts";

/** |v|^2 of every row, in float64. Four rows at a time: no sum waits for another. */
export function squaredNorms({ rows, columns, values }: Matrix): Float64Array {
  const squares = new Float64Array(rows);
  const whole = rows - (rows % 4);
  for (let i = 0; i < whole; i += 4) {
    const [p, q, r, s] = [i * columns, (i + 1) * columns, (i + 2) * columns, (i + 3) * columns];
    let [a, b, c, d] = [0, 0, 0, 0];
    for (let j = 0; j < columns; j++) {
      a += values[p + j] * values[p + j];
      b += values[q + j] * values[q + j];
      c += values[r + j] * values[r + j];
      d += values[s + j] * values[s + j];
    }
    squares[i] = a;
    squares[i + 1] = b;
    squares[i + 2] = c;
    squares[i + 3] = d;
  }
  for (let i = whole; i < rows; i++) {
    let square = 0;
    for (let p = i * columns; p < (i + 1) * columns; p++) square += values[p] * values[p];
    squares[i] = square;
  }
  return squares;
}

/** |v|^-e. A row of zeros scores 0 whatever it is divided by; 1 keeps finite what is added to that. */
export function normScale(norm: number, exponent: number): number {
  return norm > 0 ? norm ** -exponent : 1;
}

/** A copy with every row divided by its Euclidean norm; rows of zeros stay zeros. */
export function unitRows(matrix: Matrix): Matrix {
  return scaleRows(
    matrix,
    squaredNorms(matrix).map((square) => (square > 0 ? 1 / Math.sqrt(square) : 0)),
  );
}

/** How far from 1 the squared length of a unit row in float32 may be. */
const ROUNDING = 1e-5;

/** Rows at unit length: the matrix itself where they are, a copy where they are not. Rows of zeros stay zeros. */
export function directionsOf(matrix: Matrix): Matrix {
  const isUnit = squaredNorms(matrix).every((square) => square === 0 || Math.abs(square - 1) < ROUNDING);
  return isUnit ? matrix : unitRows(matrix);
}

/** A copy with row i times factors[i], into memory of its shape where that is given. */
export function scaleRows(
  matrix: Matrix,
  factors: ArrayLike<number>,
  scaled: Matrix = zeros(matrix.rows, matrix.columns),
): Matrix {
  for (let i = 0; i < matrix.rows; i++)
    scaleInto(scaled.values, matrix.values, i * matrix.columns, matrix.columns, factors[i]);
  return scaled;
}

function scaleInto(to: Float32Array, from: Float32Array, begin: number, length: number, factor: number): void {
  for (let p = begin; p < begin + length; p++) to[p] = factor * from[p];
}
