/** Random test data and a dense oracle. */
import { type Matrix, rowOf, type SparseMatrix } from "../../src/math/matrix.ts";
import { createRandom, type Random } from "../../src/math/random.ts";

export function randomMatrix(random: Random, rows: number, columns: number): Matrix {
  return { rows, columns, values: Float32Array.from({ length: rows * columns }, () => random.normal()) };
}

/** 0 to `mostPerRow` distinct columns a row, weights in 0.5..2.5; the first row is full, so that long rows occur. */
export function randomSparse(random: Random, rows: number, columns: number, mostPerRow: number): SparseMatrix {
  const indptr = new Uint32Array(rows + 1);
  const indices: number[] = [];
  for (let i = 0; i < rows; i++) {
    const count = i === 0 ? mostPerRow : random.integer(mostPerRow + 1);
    const chosen = Array.from({ length: columns }, (_, j) => j);
    random.shuffle(chosen);
    indices.push(...chosen.slice(0, count).sort((x, y) => x - y));
    indptr[i + 1] = indices.length;
  }
  const values = Float32Array.from(indices, () => 0.5 + 2 * random.next());
  return { rows, columns, indptr, indices: Uint32Array.from(indices), values };
}

/** The entries at which `isKept` holds. */
export function sparseOf(
  { rows, columns, values }: Matrix,
  isKept: (row: number, column: number) => boolean,
): SparseMatrix {
  const indptr = new Uint32Array(rows + 1);
  const places: number[] = [];
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) if (isKept(i, j)) places.push(i * columns + j);
    indptr[i + 1] = places.length;
  }
  const indices = Uint32Array.from(places, (place) => place % columns);
  return { rows, columns, indptr, indices, values: Float32Array.from(places, (place) => values[place]) };
}

/** Gauss-Jordan with row pivoting: x with A x = b, A row-major n x n. */
export function denseSolve(matrix: readonly number[], right: readonly number[]): number[] {
  const n = right.length;
  const a = Array.from({ length: n }, (_, i) => [...matrix.slice(i * n, (i + 1) * n), right[i]]);
  for (let j = 0; j < n; j++) {
    let pivot = j;
    for (let i = j + 1; i < n; i++) if (Math.abs(a[i][j]) > Math.abs(a[pivot][j])) pivot = i;
    [a[j], a[pivot]] = [a[pivot], a[j]];
    for (let i = 0; i < n; i++) {
      if (i === j) continue;
      const factor = a[i][j] / a[j][j];
      for (let s = j; s <= n; s++) a[i][s] -= factor * a[j][s];
    }
  }
  return a.map((row, i) => row[n] / row[i]);
}

/** Rows of very unequal lengths, many of them near to one another, some of zeros and some too small for float32. */
export function clustered(seed: number, rows: number, columns: number): Matrix {
  const random = createRandom(seed);
  const centres = randomMatrix(random, 3, columns);
  const matrix = { rows, columns, values: new Float32Array(rows * columns) };
  for (let i = 0; i < rows; i++) {
    const length = [0, 1e-38, 1e-3, 1, 1, 1e4][random.integer(6)];
    const centre = rowOf(centres, random.integer(3));
    const noise = [0, 1e-4, 0.3][random.integer(3)];
    for (let d = 0; d < columns; d++) matrix.values[i * columns + d] = length * (centre[d] + noise * random.normal());
  }
  return matrix;
}
