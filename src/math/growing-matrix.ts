/**
 * A matrix to which rows are added while others read it. Room for more rows is made by copying once in many additions, in shared
 * memory; a view of n rows stays what it is when rows follow, and sees rows that are replaced.
 */
import { sharedFloat32 } from "./compute/shared-memory.ts";
import type { Matrix } from "./matrix.ts";

export interface GrowingMatrix {
  /** All rows there are now; costs nothing. */
  view(): Matrix;
  /** Row `row` takes the values; the row after the last one is added. */
  put(row: number, values: ArrayLike<number>): void;
}

/** One more row in so many, and so many at least, when room is made. */
const GROWTH = 8;
const LEAST_ROOM = 256;

/** Begins as `matrix`, which is not copied before a row is put. */
export function createGrowingMatrix(matrix: Matrix): GrowingMatrix {
  const { columns } = matrix;
  let values = matrix.values;
  let rows = matrix.rows;
  let isOwn = false;
  const makeRoom = (needed: number): void => {
    if (isOwn && needed * columns <= values.length) return;
    const wider = sharedFloat32((needed + Math.max(LEAST_ROOM, Math.floor(needed / GROWTH))) * columns);
    wider.set(values.subarray(0, rows * columns));
    values = wider;
    isOwn = true;
  };
  return {
    view: () => ({ rows, columns, values: values.subarray(0, rows * columns) }),
    put: (row, own) => {
      makeRoom(Math.max(rows, row + 1));
      values.set(own, row * columns);
      rows = Math.max(rows, row + 1);
    },
  };
}
