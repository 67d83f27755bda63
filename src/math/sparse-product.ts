/**
 * C = A B' for sparse rows that share their columns. Columns that many rows of B have are multiplied densely, the others entry by
 * entry through their lists of rows (the inverted index of text search): common words are few, rare ones have short lists.
 */
import { type ComputeBackend, defaultBackend } from "./compute/backend.ts";
import { type Matrix, rowOf, type SparseMatrix, transposeSparse, zeros } from "./matrix.ts";

/** A column is common from this share of B's rows on: there a dense product costs less than a list. */
const COMMON_SHARE = 1 / 8;

/** C: rows of A x rows of B. */
export async function sparseProducts(
  a: SparseMatrix,
  b: SparseMatrix,
  backend: ComputeBackend = defaultBackend(),
): Promise<Matrix> {
  const places = commonPlaces(b);
  const width = places.reduce((most, place) => Math.max(most, place + 1), 0);
  const product =
    width === 0
      ? zeros(a.rows, b.rows)
      : await backend.multiplyTransposed(commonColumns(a, places, width), commonColumns(b, places, width));
  addRare(a, transposeSparse(b), places, product);
  return product;
}

/** The squared length of every row. */
export function sparseSquaredNorms({ rows, indptr, values }: SparseMatrix): Float64Array {
  return Float64Array.from({ length: rows }, (_, i) => {
    let sum = 0;
    for (let p = indptr[i]; p < indptr[i + 1]; p++) sum += values[p] * values[p];
    return sum;
  });
}

/** Every row times its scale. */
export function scaleSparseRows(matrix: SparseMatrix, scales: ArrayLike<number>): SparseMatrix {
  const values = matrix.values.slice();
  for (let i = 0; i < matrix.rows; i++) {
    for (let p = matrix.indptr[i]; p < matrix.indptr[i + 1]; p++) values[p] *= scales[i];
  }
  return { ...matrix, values };
}

/** Every row over its length; an empty row stays empty. */
export function unitSparseRows(matrix: SparseMatrix): SparseMatrix {
  const squares = sparseSquaredNorms(matrix);
  return scaleSparseRows(
    matrix,
    squares.map((square) => (square > 0 ? 1 / Math.sqrt(square) : 0)),
  );
}

/** Matrices of `rows` rows side by side, each times its scale. */
export function joinSparse(parts: readonly SparseMatrix[], scales: readonly number[], rows: number): SparseMatrix {
  const entries = parts.reduce((sum, part) => sum + part.indices.length, 0);
  const [indptr, indices, values] = [new Uint32Array(rows + 1), new Uint32Array(entries), new Float32Array(entries)];
  let place = 0;
  for (let i = 0; i < rows; i++) {
    let offset = 0;
    for (const [k, part] of parts.entries()) {
      for (let p = part.indptr[i]; p < part.indptr[i + 1]; p++) {
        indices[place] = offset + part.indices[p];
        values[place++] = scales[k] * part.values[p];
      }
      offset += part.columns;
    }
    indptr[i + 1] = place;
  }
  return { rows, columns: parts.reduce((sum, part) => sum + part.columns, 0), indptr, indices, values };
}

/** The rows from `begin` to `end`, exclusive, in the same memory where it can be. */
export function sparseRowRange(matrix: SparseMatrix, begin: number, end: number): SparseMatrix {
  const { columns, indptr, indices, values } = matrix;
  const [first, last] = [indptr[begin], indptr[end]];
  return {
    rows: end - begin,
    columns,
    indptr: indptr.slice(begin, end + 1).map((place) => place - first),
    indices: indices.subarray(first, last),
    values: values.subarray(first, last),
  };
}

/** The place of every common column among the common ones, -1 for a rare one. */
function commonPlaces({ rows, columns, indices }: SparseMatrix): Int32Array {
  const counts = new Uint32Array(columns);
  for (const column of indices) counts[column]++;
  let next = 0;
  return Int32Array.from(counts, (count) => (count > COMMON_SHARE * rows ? next++ : -1));
}

function commonColumns(matrix: SparseMatrix, places: Int32Array, width: number): Matrix {
  const dense = zeros(matrix.rows, width);
  for (let i = 0; i < matrix.rows; i++) {
    for (let p = matrix.indptr[i]; p < matrix.indptr[i + 1]; p++) {
      const place = places[matrix.indices[p]];
      if (place >= 0) dense.values[i * width + place] = matrix.values[p];
    }
  }
  return dense;
}

function addRare(a: SparseMatrix, lists: SparseMatrix, places: Int32Array, product: Matrix): void {
  for (let i = 0; i < a.rows; i++) {
    const row = rowOf(product, i);
    for (let p = a.indptr[i]; p < a.indptr[i + 1]; p++) {
      const column = a.indices[p];
      if (places[column] >= 0) continue;
      for (let q = lists.indptr[column]; q < lists.indptr[column + 1]; q++) {
        row[lists.indices[q]] += a.values[p] * lists.values[q];
      }
    }
  }
}
