/** The order in which the rows of a catalog go to an encoder. Long catalogs are gone through in slices: nobody waits for the main thread. */
import { setImmediate as nextTurn } from "node:timers/promises";

/** Rows looked at before others get their turn: about a millisecond. */
const SLICE = 4096;
/** Longer inputs count as this long: what an encoder cuts off needs no order. */
const LONGEST = 65_535;

/** The rows whose length is not 0 by falling length, then by row: counting sort, each length taken twice. */
export async function longestFirst(rows: number, lengthOf: (row: number) => number): Promise<Uint32Array> {
  const lengths = new Uint16Array(rows);
  // begins[l] is where rows of length LONGEST - l begin in the order.
  const begins = new Uint32Array(LONGEST + 1);
  await inSlices(rows, (row) => {
    lengths[row] = Math.min(lengthOf(row), LONGEST);
    if (lengths[row] > 0) begins[LONGEST - lengths[row] + 1]++;
  });
  for (let l = 1; l < begins.length; l++) begins[l] += begins[l - 1];
  const order = new Uint32Array(begins[LONGEST]);
  await inSlices(rows, (row) => {
    if (lengths[row] > 0) order[begins[LONGEST - lengths[row]]++] = row;
  });
  return order;
}

/** The rows that have a value, in their order. */
export function presentRows(values: readonly unknown[]): Uint32Array {
  const rows = new Uint32Array(values.length);
  let count = 0;
  for (const [row, value] of values.entries()) if (value !== null) rows[count++] = row;
  return rows.subarray(0, count);
}

async function inSlices(rows: number, visit: (row: number) => void): Promise<void> {
  for (let begin = 0; begin < rows; begin += SLICE) {
    for (let row = begin; row < Math.min(rows, begin + SLICE); row++) visit(row);
    await nextTurn();
  }
}
