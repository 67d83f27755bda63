/** Vectors with their length raised to another power: what the tail dial and the user solve do to items. */
import type { Matrix } from "../math/matrix.ts";
import { scaleRows, squaredNorms } from "../math/row-norms.ts";

/** v / |v|^exponent for every row; zero rows stay zero. At 0 the vectors themselves, at 1 unit vectors. */
export function scaleNorms(vectors: Matrix, exponent: number): Matrix {
  if (exponent === 0) return vectors;
  return scaleRows(
    vectors,
    squaredNorms(vectors).map((square) => (square > 0 ? square ** (-exponent / 2) : 0)),
  );
}
