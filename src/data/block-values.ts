/** What every block of features comes to: vectors, and which rows have it. */
import type { Matrix, SparseMatrix } from "../math/matrix.ts";

export interface BlockValues {
  /** n x dimension; zeros where the block is missing. */
  readonly vectors: Matrix;
  /** n flags. */
  readonly presence: Uint8Array;
  /** n x terms: the rows that `vectors` are a reduction of, where they are one. */
  readonly sparse?: SparseMatrix;
}
