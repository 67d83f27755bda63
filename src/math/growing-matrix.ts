/** A matrix to which rows are added while others read it; a view of n rows stays what it is when rows follow. */
import { createGrowingRows, createLentRows, type GrowingRows } from "./growing-rows.ts";
import type { Matrix } from "./matrix.ts";

export interface GrowingMatrix {
  /** All rows there are now; costs nothing. */
  view(): Matrix;
  /** Row `row` takes the values; the row after the last one is added. */
  put(row: number, values: ArrayLike<number>): void;
}

/** Begins as `matrix`, which is not copied before a row is put. */
export function createGrowingMatrix(matrix: Matrix): GrowingMatrix {
  return matrixOver(createGrowingRows(matrix.values, matrix.columns), matrix.columns);
}

/** A matrix of somebody else, which takes it back as it was. */
export interface LentMatrix extends GrowingMatrix {
  /** A row as it was lent. */
  lent(row: number): Float32Array;
  /** Puts back what was replaced. What is put later is lost. */
  restore(): void;
}

/** Begins as `matrix`, in whose place rows are put. */
export function createLentMatrix({ values, columns }: Matrix): LentMatrix {
  const rows = createLentRows(values, columns);
  return { ...matrixOver(rows, columns), lent: rows.lent, restore: rows.restore };
}

function matrixOver(rows: GrowingRows<Float32Array>, columns: number): GrowingMatrix {
  return {
    view: () => ({ rows: rows.rows, columns, values: rows.view() }),
    put: (row, own) => rows.open(row).set(own),
  };
}
