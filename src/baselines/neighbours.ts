/**
 * Nearest rows of a sparse matrix by shrunk cosine, one row at a time:
 *
 *   s(a, b) = a.b / (|a| |b| + shrinkage)
 *
 * The inner products of one row with all others come from walking its columns (Gustavson 1978), so the cost is the
 * number of co-occurrences, never rows x rows.
 */

import { bestRows } from "../evaluation/ranking/ranking.ts";
import { type SparseMatrix, transposeSparse } from "../math/matrix.ts";

export interface NeighbourOptions {
  /** Neighbours kept, the nearest. */
  readonly neighbours: number;
  /** Pulls similarities that rest on few co-occurrences towards 0; in units of |a| |b|. */
  readonly shrinkage: number;
}

/** Nearest first; ties by lower row. */
export interface Neighbours {
  readonly rows: readonly number[];
  readonly similarities: readonly number[];
}

/** A function from a row to its nearest other rows; rows without a common column are no neighbours. */
export function nearestRows(matrix: SparseMatrix, options: NeighbourOptions): (row: number) => Neighbours {
  const columns = transposeSparse(matrix);
  const norms = rowNorms(matrix);
  const products = new Float64Array(matrix.rows);
  const similarities = new Float32Array(matrix.rows);
  return (row) => {
    const touched = Uint32Array.from(addProducts(matrix, columns, row, products)).sort();
    for (const other of touched) {
      similarities[other] = products[other] / (norms[row] * norms[other] + options.shrinkage);
      products[other] = 0;
    }
    similarities[row] = -Infinity;
    const nearest = bestRows(similarities, touched, Math.min(options.neighbours, touched.length));
    const rows = Array.from(nearest).filter((other) => other >= 0);
    return { rows, similarities: rows.map((other) => similarities[other]) };
  };
}

/** Adds the products of `row` with every row to `products` (zeros before); returns the rows that it touched. */
function addProducts(matrix: SparseMatrix, columns: SparseMatrix, row: number, products: Float64Array): number[] {
  const touched: number[] = [];
  for (let p = matrix.indptr[row]; p < matrix.indptr[row + 1]; p++) {
    const column = matrix.indices[p];
    for (let q = columns.indptr[column]; q < columns.indptr[column + 1]; q++) {
      const other = columns.indices[q];
      if (products[other] === 0) touched.push(other);
      products[other] += matrix.values[p] * columns.values[q];
    }
  }
  return touched;
}

/** sums += factor x row of the matrix. */
export function addScaledRow(matrix: SparseMatrix, row: number, factor: number, sums: Float32Array): void {
  for (let p = matrix.indptr[row]; p < matrix.indptr[row + 1]; p++)
    sums[matrix.indices[p]] += factor * matrix.values[p];
}

function rowNorms({ rows, indptr, values }: SparseMatrix): Float64Array {
  const norms = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    let sum = 0;
    for (let p = indptr[i]; p < indptr[i + 1]; p++) sum += values[p] ** 2;
    norms[i] = Math.sqrt(sum);
  }
  return norms;
}
