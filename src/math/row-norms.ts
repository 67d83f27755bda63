/** The Euclidean lengths of rows, and rows at unit length, so that inner products are cosines. */
import { type Matrix, rowOf, zeros } from "./matrix.ts";

/** |v|^2 of every row, in float64. */
export function squaredNorms({ rows, columns, values }: Matrix): Float64Array {
  const squares = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    let square = 0;
    for (let p = i * columns; p < (i + 1) * columns; p++) square += values[p] * values[p];
    squares[i] = square;
  }
  return squares;
}

/** A copy with every row divided by its Euclidean norm; rows of zeros stay zeros. */
export function unitRows(matrix: Matrix): Matrix {
  return scaleRows(
    matrix,
    squaredNorms(matrix).map((square) => (square > 0 ? 1 / Math.sqrt(square) : 0)),
  );
}

/** A copy with row i times factors[i]. */
export function scaleRows(matrix: Matrix, factors: ArrayLike<number>): Matrix {
  const scaled = zeros(matrix.rows, matrix.columns);
  for (let i = 0; i < matrix.rows; i++) {
    const row = rowOf(matrix, i);
    const begin = i * matrix.columns;
    for (let d = 0; d < row.length; d++) scaled.values[begin + d] = factors[i] * row[d];
  }
  return scaled;
}
