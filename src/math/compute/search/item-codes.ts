/**
 * Item vectors in 8 bits, beside the exact ones: h = step c + r with whole numbers c in [-127, 127] and |r| <= error. A search of few
 * queries reads these, and exact vectors only where a bound on the score may enter a list (native/item-codes.h). Lists stay exact.
 */
import type { Matrix } from "../../matrix.ts";
import { sharedBytesWithRoom, sharedFloat32 } from "../shared-memory.ts";

/** Of m items of d dimensions. */
export interface ItemCodes {
  /** m x d. */
  readonly codes: Int8Array;
  /** m: what one unit of an item's code stands for. */
  readonly steps: Float32Array;
  /** m: at least the length of what the code leaves out; infinite where nothing can be said. */
  readonly errors: Float32Array;
}

const LIMIT = 127;

/** Below this float32 runs out of digits. */
const SMALLEST = 1e-30;

/** Rounding of the error itself, upward. */
const MARGIN = 1 + 2 ** -20;

/** In shared memory, with room behind it for so many more rows. */
export function encodeItems(items: Matrix, room = 0): ItemCodes {
  const { rows, columns } = items;
  const codes = {
    codes: new Int8Array(sharedBytesWithRoom(rows * columns, room * columns).buffer, 0, rows * columns),
    steps: sharedFloat32(rows),
    errors: sharedFloat32(rows),
  };
  for (let row = 0; row < rows; row++) encodeRow(codes, items, row);
  return codes;
}

/** Writes the codes of row `row` of the vectors. */
export function encodeRow({ codes, steps, errors }: ItemCodes, { columns, values }: Matrix, row: number): void {
  const begin = row * columns;
  const end = begin + columns;
  let largest = 0;
  for (let p = begin; p < end; p++) largest = Math.max(largest, Math.abs(values[p]));
  const step = Math.fround(largest / LIMIT);
  const inverse = step > 0 ? 1 / step : 0;
  let lost = 0;
  for (let p = begin; p < end; p++) {
    // Rounds to the nearest: what is cut off to a whole number is positive.
    const code = ((values[p] * inverse + 128.5) | 0) - 128;
    codes[p] = code;
    const rest = values[p] - code * step;
    lost += rest * rest;
  }
  steps[row] = step;
  const isSmall = largest > 0 && largest < SMALLEST;
  errors[row] = isSmall ? Number.POSITIVE_INFINITY : MARGIN * Math.sqrt(lost);
}
