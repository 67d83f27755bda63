/**
 * C = A B' for sparse rows that share their columns. Columns that many rows of B have are multiplied densely, the others entry by
 * entry through their lists of rows (the inverted index of text search): common words are few, rare ones have short lists.
 */
import { type ComputeBackend, defaultBackend } from "./compute/backend.ts";
import { lowerBound } from "./lower-bound.ts";
import { type Matrix, rowRange, type SparseMatrix, zeros } from "./matrix.ts";
import { createMatrixRoom, type MatrixRoom } from "./matrix-room.ts";

/** A column is common from this share of B's rows on: there a dense product costs less than a list. */
const COMMON_SHARE = 1 / 8;

/** B as products read it. */
export interface ProductSide {
  /** Of every column among the common ones, -1 for a rare one. */
  readonly places: Int32Array;
  /** B's rows x common columns. */
  readonly common: Matrix;
  /** Columns x B's rows: the rows that have a rare column; none for a common one. */
  readonly lists: SparseMatrix;
}

export async function productSide(b: SparseMatrix, backend: ComputeBackend = defaultBackend()): Promise<ProductSide> {
  const places = commonPlaces(b);
  const width = places.reduce((most, place) => Math.max(most, place + 1), 0);
  return { places, common: commonColumns(b, places, width), lists: await backend.transpose(rareColumns(b, places)) };
}

/** C, its columns from `first` on: rows of A x (rows of B - first), in `room`. */
export async function sparseProducts(
  a: SparseMatrix,
  { places, common, lists }: ProductSide,
  backend: ComputeBackend = defaultBackend(),
  first = 0,
  room: MatrixRoom = createMatrixRoom(),
): Promise<Matrix> {
  const into = room(a.rows, common.rows - first);
  if (common.columns === 0) return backend.multiplyBothSparse({ a, b: lists, first, into });
  const columns = rowRange(common, first, common.rows);
  const start = await backend.multiplyTransposed(commonColumns(a, places, common.columns), columns, into);
  return backend.multiplyBothSparse({ a, b: lists, first, start, into });
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

/** The columns from `begin` to `end`, exclusive. Columns of a row ascend, so its part is one piece. */
export function sparseColumnRange(matrix: SparseMatrix, begin: number, end: number): SparseMatrix {
  const { rows, indptr, indices, values } = matrix;
  const [firsts, kept] = [new Uint32Array(rows), new Uint32Array(rows + 1)];
  for (let i = 0; i < rows; i++) {
    firsts[i] = lowerBound(indices, begin, indptr[i], indptr[i + 1]);
    kept[i + 1] = kept[i] + lowerBound(indices, end, firsts[i], indptr[i + 1]) - firsts[i];
  }
  const part = { indices: new Uint32Array(kept[rows]), values: new Float32Array(kept[rows]) };
  for (let i = 0; i < rows; i++) {
    const shift = firsts[i] - kept[i];
    for (let p = kept[i]; p < kept[i + 1]; p++) {
      part.indices[p] = indices[p + shift] - begin;
      part.values[p] = values[p + shift];
    }
  }
  return { rows, columns: end - begin, indptr: kept, ...part };
}

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

function rareColumns({ rows, columns, indptr, indices, values }: SparseMatrix, places: Int32Array): SparseMatrix {
  const kept = { indptr: new Uint32Array(rows + 1), indices: indices.slice(), values: values.slice() };
  let end = 0;
  for (let i = 0; i < rows; i++) {
    for (let p = indptr[i]; p < indptr[i + 1]; p++) {
      if (places[indices[p]] >= 0) continue;
      kept.indices[end] = indices[p];
      kept.values[end++] = values[p];
    }
    kept.indptr[i + 1] = end;
  }
  const entries = { indices: kept.indices.subarray(0, end), values: kept.values.subarray(0, end) };
  return { rows, columns, indptr: kept.indptr, ...entries };
}
