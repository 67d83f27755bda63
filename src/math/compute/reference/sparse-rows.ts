/** Products of sparse rows as the reference backend computes them: row by row, entry by entry. */
import { type Matrix, rowOf, type SparseMatrix, zeros } from "../../matrix.ts";
import type { SparseProductRequest } from "../compute-backend.ts";

/** A B for sparse A (n x m) and dense B (m x l). Four entries at a time: a row of the product is then read and written a fourth as often. */
export function sparseTimes({ rows, indptr, indices, values }: SparseMatrix, b: Matrix, into?: Matrix): Matrix {
  const { columns, values: from } = b;
  const product = into ?? zeros(rows, columns);
  into?.values.fill(0);
  for (let i = 0; i < rows; i++) {
    const to = rowOf(product, i);
    const end = indptr[i + 1];
    let p = indptr[i];
    for (; p + 4 <= end; p += 4) addFour(to, from, indices, values, p);
    for (; p < end; p++) addRow(to, from, indices[p] * columns, values[p]);
  }
  return product;
}

function addFour(to: Float32Array, from: Float32Array, indices: Uint32Array, values: Float32Array, p: number): void {
  const { length } = to;
  const [a, b, c, d] = [values[p], values[p + 1], values[p + 2], values[p + 3]];
  const [i, j, k, l] = [indices[p] * length, indices[p + 1] * length, indices[p + 2] * length, indices[p + 3] * length];
  for (let x = 0; x < length; x++) {
    to[x] += a * from[i + x] + b * from[j + x] + c * from[k + x] + d * from[l + x];
  }
}

function addRow(to: Float32Array, from: Float32Array, start: number, scale: number): void {
  for (let x = 0; x < to.length; x++) to[x] += scale * from[start + x];
}

/** start + A B for sparse A and B, columns of the product from `first` on. */
export function bothSparseTimes({ a, b, first = 0, start, into }: SparseProductRequest): Matrix {
  const product = into ?? zeros(a.rows, b.columns - first);
  if (start === undefined) product.values.fill(0);
  else product.values.set(start.values);
  for (let i = 0; i < a.rows; i++) {
    const to = rowOf(product, i);
    for (let p = a.indptr[i]; p < a.indptr[i + 1]; p++) {
      const row = a.indices[p];
      for (let q = b.indptr[row]; q < b.indptr[row + 1]; q++) {
        if (b.indices[q] >= first) to[b.indices[q] - first] += a.values[p] * b.values[q];
      }
    }
  }
  return product;
}
