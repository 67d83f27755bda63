/**
 * Rows of numbers to which rows are added while others read them. Room for more is made by copying once in many additions, in shared
 * memory; a view of n rows stays what it is when rows follow, and sees rows that are replaced.
 */
import { sharedRoom, withRoom } from "./compute/shared-memory.ts";

type Numbers = Float32Array | Float64Array | Uint32Array | Int8Array;

export interface GrowingRows<A extends Numbers> {
  readonly rows: number;
  /** The first so many rows, all there are now by default; costs nothing. */
  view(count?: number): A;
  /** Room for row `row`, in place: the row after the last one is added. What is written there is seen at once. */
  open(row: number): A;
}

/** One more row in so many, and so many at least, when room is made. */
const GROWTH = 8;
const LEAST_ROOM = 256;

/**
 * Begins as the first rows of `initial`, all by default, which is copied before a row is opened, or written to where it is nobody else's
 * (`isOwn`).
 */
export function createGrowingRows<A extends Numbers>(
  initial: A,
  columns: number,
  isOwn = false,
  filled = columns === 0 ? 0 : initial.length / columns,
): GrowingRows<A> {
  let values = initial;
  let rows = filled;
  let isWritable = isOwn;
  const makeRoom = (needed: number): void => {
    if (isWritable && needed * columns <= values.length) return;
    const wider = sharedRoom(values, (needed + Math.max(LEAST_ROOM, Math.floor(needed / GROWTH))) * columns);
    wider.set(values.subarray(0, rows * columns));
    values = wider;
    isWritable = true;
  };
  const part = (begin: number, end: number) => values.subarray(begin * columns, end * columns) as A;
  return {
    get rows() {
      return rows;
    },
    view: (count = rows) => part(0, count),
    open: (row) => {
      makeRoom(Math.max(rows, row + 1));
      rows = Math.max(rows, row + 1);
      return part(row, row + 1);
    },
  };
}

/** Rows of somebody else, which takes them back as they were. */
export interface LentRows<A extends Numbers> extends GrowingRows<A> {
  /** A row as it was lent. */
  lent(row: number): A;
  /** Puts back what was replaced. What is written later is lost. */
  restore(): void;
}

/** Begins as `initial`, in whose place rows are written, and behind it where its memory has room. */
export function createLentRows<A extends Numbers>(initial: A, columns: number): LentRows<A> {
  const growing = createGrowingRows(withRoom(initial), columns, true, initial.length / columns);
  const replaced = new Map<number, A>();
  let isReturned = false;
  return {
    get rows() {
      return growing.rows;
    },
    view: (count) => growing.view(count),
    open: (row) => {
      if (isReturned) return sharedRoom(initial, columns);
      const begin = row * columns;
      if (begin < initial.length && !replaced.has(row)) {
        replaced.set(row, initial.slice(begin, begin + columns) as A);
      }
      return growing.open(row);
    },
    lent: (row) => replaced.get(row) ?? (initial.subarray(row * columns, (row + 1) * columns) as A),
    restore: () => {
      for (const [row, values] of replaced) initial.set(values, row * columns);
      replaced.clear();
      isReturned = true;
    },
  };
}
