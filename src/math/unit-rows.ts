/** Rows at unit length, so that inner products are cosines. */
import { type Matrix, rowOf, zeros } from "./matrix.ts";

/** A copy with every row divided by its Euclidean norm; rows of zeros stay zeros. */
export function unitRows(matrix: Matrix): Matrix {
  const unit = zeros(matrix.rows, matrix.columns);
  for (let i = 0; i < matrix.rows; i++) {
    const row = rowOf(matrix, i);
    const norm = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
    if (norm > 0)
      unit.values.set(
        row.map((value) => value / norm),
        i * matrix.columns,
      );
  }
  return unit;
}
