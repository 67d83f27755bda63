/**
 * Who is measured where many are asked: a seeded sample of the rows that hold a target, each ranked among all items. Items are never
 * sampled: that changes which model wins (Krichene and Rendle 2020), a sample of users only widens the interval.
 */
import type { SparseMatrix } from "../../math/matrix.ts";
import { createRandom } from "../../math/random.ts";
import { rowsWithTargets } from "./target-ranks.ts";

export interface SampledRows {
  /** The same shape; rows outside the sample are empty. */
  readonly test: SparseMatrix;
  /** The place of every kept entry in the given matrix. */
  readonly entries: Uint32Array;
  /** Rows with a target before and after. */
  readonly asked: number;
  readonly measured: number;
}

/** At most `most` rows with a target, the same ones for the same seed and shape; all of them where there are fewer. */
export function sampleRows(test: SparseMatrix, most: number, seed: number): SampledRows {
  const asked = rowsWithTargets(test);
  const isMeasured = new Uint8Array(test.rows);
  for (const row of drawn(asked, most, seed)) isMeasured[row] = 1;
  const indptr = new Uint32Array(test.rows + 1);
  const entries = new Uint32Array(test.indices.length);
  for (let row = 0; row < test.rows; row++) {
    let end = indptr[row];
    if (isMeasured[row] === 1) for (let p = test.indptr[row]; p < test.indptr[row + 1]; p++) entries[end++] = p;
    indptr[row + 1] = end;
  }
  const kept = entries.slice(0, indptr[test.rows]);
  const indices = Uint32Array.from(kept, (p) => test.indices[p]);
  const values = Float32Array.from(kept, (p) => test.values[p]);
  const { rows, columns } = test;
  const sampled = { rows, columns, indptr, indices, values };
  return { test: sampled, entries: kept, asked: asked.length, measured: Math.min(most, asked.length) };
}

function drawn(rows: Uint32Array, most: number, seed: number): Uint32Array {
  if (rows.length <= most) return rows;
  const shuffled = rows.slice();
  createRandom(seed).shuffle(shuffled);
  return shuffled.subarray(0, most);
}
