/** Sparse rows made one after the other, in typed memory that grows: lists of numbers would take several times as much. */
import type { SparseMatrix } from "./matrix.ts";

export interface SparseBuilder {
  /** An entry of the row that is being made, columns ascending. */
  add(column: number, value: number): void;
  endRow(): void;
  /** The rows so far. */
  build(columns: number): SparseMatrix;
}

export function sparseBuilder(rows: number): SparseBuilder {
  const indptr = new Uint32Array(rows + 1);
  let indices = new Uint32Array(1024);
  let values = new Float32Array(1024);
  let [row, end] = [0, 0];
  const grow = () => {
    indices = enlarged(indices, new Uint32Array(2 * end));
    values = enlarged(values, new Float32Array(2 * end));
  };
  return {
    add: (column, value) => {
      if (end === indices.length) grow();
      indices[end] = column;
      values[end++] = value;
    },
    endRow: () => {
      indptr[++row] = end;
    },
    build: (columns) => ({ rows, columns, indptr, indices: indices.slice(0, end), values: values.slice(0, end) }),
  };
}

function enlarged<A extends Uint32Array | Float32Array>(from: A, to: A): A {
  to.set(from);
  return to;
}
