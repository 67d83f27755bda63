/** A matrix to which rows are added while others read it; a view of n rows stays what it is when rows follow. */
import { createGrowingRows } from "./growing-rows.ts";
import type { Matrix } from "./matrix.ts";

export interface GrowingMatrix {
  /** All rows there are now; costs nothing. */
  view(): Matrix;
  /** Row `row` takes the values; the row after the last one is added. */
  put(row: number, values: ArrayLike<number>): void;
}

/** Begins as `matrix`, which is not copied before a row is put. */
export function createGrowingMatrix(matrix: Matrix): GrowingMatrix {
  const { columns } = matrix;
  const rows = createGrowingRows(matrix.values, columns);
  return {
    view: () => ({ rows: rows.rows, columns, values: rows.view() }),
    put: (row, own) => rows.open(row).set(own),
  };
}
