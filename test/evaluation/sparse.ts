/** Small sparse matrices for the tests of evaluation, and the way back to dense rows. */
import type { SparseMatrix } from "../../src/math/matrix.ts";
import type { Random } from "../../src/math/random.ts";

/** From dense rows; zeros are not stored. */
export function sparse(rows: readonly (readonly number[])[]): SparseMatrix {
  const indptr = [0];
  const indices: number[] = [];
  const values: number[] = [];
  for (const row of rows) {
    for (const [column, value] of row.entries()) {
      if (value === 0) continue;
      indices.push(column);
      values.push(value);
    }
    indptr.push(indices.length);
  }
  return {
    rows: rows.length,
    columns: rows[0].length,
    indptr: Uint32Array.from(indptr),
    indices: Uint32Array.from(indices),
    values: Float32Array.from(values),
  };
}

/** Random confidences 1, 2 or 3 at the given density. */
export function randomRows(random: Random, rows: number, columns: number, density: number): number[][] {
  return Array.from({ length: rows }, () =>
    Array.from({ length: columns }, () => (random.next() < density ? 1 + random.integer(3) : 0)),
  );
}
