/** Vectors with their length raised to another power: what the tail dial and the user solve do to items. */
import { type Matrix, rowOf, zeros } from "../math/matrix.ts";

/** v / |v|^exponent for every row; zero rows stay zero. At 0 the vectors themselves, at 1 unit vectors. */
export function scaleNorms(vectors: Matrix, exponent: number): Matrix {
  const scaled = zeros(vectors.rows, vectors.columns);
  for (let i = 0; i < vectors.rows; i++) {
    const row = rowOf(vectors, i);
    const norm = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
    const factor = norm > 0 ? norm ** -exponent : 0;
    for (let d = 0; d < row.length; d++) scaled.values[i * row.length + d] = factor * row[d];
  }
  return scaled;
}
