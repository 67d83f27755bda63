/**
 * Dense row-major and compressed-sparse-row matrices: plain readonly records over typed arrays.
 * Row i of every matrix in tailrec is the same item (or user) as row i of every other.
 */
import { TailrecError } from "../errors.ts";

/** Dense, row-major: element (i, j) is `values[i * columns + j]`. */
export interface Matrix<V extends Float32Array | Float64Array = Float32Array> {
  readonly rows: number;
  readonly columns: number;
  readonly values: V;
}

/** Compressed sparse rows: row i owns `indices` and `values` from `indptr[i]` to `indptr[i + 1]`, columns ascending. */
export interface SparseMatrix {
  readonly rows: number;
  readonly columns: number;
  readonly indptr: Uint32Array;
  readonly indices: Uint32Array;
  readonly values: Float32Array;
}

export function zeros(rows: number, columns: number): Matrix {
  return { rows, columns, values: new Float32Array(rows * columns) };
}

export function zeros64(rows: number, columns: number): Matrix<Float64Array> {
  return { rows, columns, values: new Float64Array(rows * columns) };
}

/** Every number rounded to float32. */
export function toFloat32(matrix: Matrix<Float64Array>): Matrix {
  return { ...matrix, values: Float32Array.from(matrix.values) };
}

export function toFloat64(matrix: Matrix): Matrix<Float64Array> {
  return { ...matrix, values: Float64Array.from(matrix.values) };
}

/** The first row that holds a number that is not finite; -1 where there is none. */
export function firstBrokenRow({ values, columns }: Matrix): number {
  for (let p = 0; p < values.length; p++) if (!Number.isFinite(values[p])) return Math.floor(p / columns);
  return -1;
}

/** sums += values, in place. */
export function addTo(sums: Float32Array, values: Float32Array): void {
  const { length } = sums;
  for (let p = 0; p < length; p++) sums[p] += values[p];
}

/** values *= factor, in place. */
export function multiplyBy(values: Float32Array, factor: number): void {
  const { length } = values;
  for (let p = 0; p < length; p++) values[p] *= factor;
}

/** A view (no copy) of row `i`. */
export function rowOf(matrix: Matrix, i: number): Float32Array {
  return matrix.values.subarray(i * matrix.columns, (i + 1) * matrix.columns);
}

/** The rows from `begin` to `end`, exclusive, in the same memory. */
export function rowRange({ columns, values }: Matrix, begin: number, end: number): Matrix {
  return { rows: end - begin, columns, values: values.subarray(begin * columns, end * columns) };
}

/** The given rows, copied in the given order: `rows.length x columns`. Into memory that is given, where it is. */
export function takeRows(matrix: Matrix, rows: ArrayLike<number>, into?: Float32Array): Matrix {
  const { columns } = matrix;
  const taken = into === undefined ? zeros(rows.length, columns) : { rows: rows.length, columns, values: into };
  for (let i = 0; i < rows.length; i++) taken.values.set(rowOf(matrix, rows[i]), i * columns);
  return taken;
}

/** A copy of `count` rows, the given ones replaced: further rows of the matrix are left out, those that it lacks are zeros. */
export function replaceRows(matrix: Matrix, count: number, rows: ArrayLike<number>, replacement: Matrix): Matrix {
  const { columns } = matrix;
  const replaced = zeros(count, columns);
  replaced.values.set(matrix.values.subarray(0, count * columns));
  for (let i = 0; i < rows.length; i++) replaced.values.set(rowOf(replacement, i), rows[i] * columns);
  return replaced;
}

/** The columns from `begin` to `end`, exclusive, copied: rows x (end - begin). */
export function columnRange(matrix: Matrix, begin: number, end: number): Matrix {
  const part = zeros(matrix.rows, end - begin);
  for (let i = 0; i < matrix.rows; i++) part.values.set(rowOf(matrix, i).subarray(begin, end), i * part.columns);
  return part;
}

/** Matrices of equal height side by side. */
export function concatColumns(parts: readonly Matrix[]): Matrix {
  const rows = parts[0]?.rows ?? 0;
  const columns = parts.reduce((sum, part) => sum + part.columns, 0);
  const joined = zeros(rows, columns);
  let offset = 0;
  for (const part of parts) {
    if (part.rows !== rows) {
      throw new TailrecError(
        "INVALID_ARGUMENT",
        `expected matrices of ${rows} rows side by side, received ${part.rows}`,
      );
    }
    for (let i = 0; i < rows; i++) joined.values.set(rowOf(part, i), i * columns + offset);
    offset += part.columns;
  }
  return joined;
}

/** The transpose, columns ascending within each row. Linear in the number of entries. */
export function transposeSparse(matrix: SparseMatrix): SparseMatrix {
  const { rows, columns, indptr, indices, values } = matrix;
  const counts = new Uint32Array(columns + 1);
  for (const column of indices) counts[column + 1]++;
  for (let j = 0; j < columns; j++) counts[j + 1] += counts[j];
  const next = counts.slice(0, columns);
  const transposedIndices = new Uint32Array(indices.length);
  const transposedValues = new Float32Array(values.length);
  for (let i = 0; i < rows; i++) {
    for (let p = indptr[i]; p < indptr[i + 1]; p++) {
      const q = next[indices[p]]++;
      transposedIndices[q] = i;
      transposedValues[q] = values[p];
    }
  }
  return { rows: columns, columns: rows, indptr: counts, indices: transposedIndices, values: transposedValues };
}

/** The given columns, ascending, as columns 0, 1, ... of a matrix; entries of others are left out. */
export function takeColumns(matrix: SparseMatrix, columns: Uint32Array): SparseMatrix {
  const place = new Int32Array(matrix.columns).fill(-1);
  for (const [j, column] of columns.entries()) place[column] = j;
  const indptr = new Uint32Array(matrix.rows + 1);
  for (let i = 0; i < matrix.rows; i++) {
    indptr[i + 1] = indptr[i];
    for (let p = matrix.indptr[i]; p < matrix.indptr[i + 1]; p++) if (place[matrix.indices[p]] >= 0) indptr[i + 1]++;
  }
  const isTaken = (_: number, p: number) => place[matrix.indices[p]] >= 0;
  const indices = matrix.indices.filter(isTaken).map((column) => place[column]);
  return { rows: matrix.rows, columns: columns.length, indptr, indices, values: matrix.values.filter(isTaken) };
}

/** The given rows of a sparse matrix, in the given order. */
export function takeSparseRows(matrix: SparseMatrix, rows: ArrayLike<number>): SparseMatrix {
  const indptr = new Uint32Array(rows.length + 1);
  for (let i = 0; i < rows.length; i++) {
    indptr[i + 1] = indptr[i] + matrix.indptr[rows[i] + 1] - matrix.indptr[rows[i]];
  }
  const indices = new Uint32Array(indptr[rows.length]);
  const values = new Float32Array(indptr[rows.length]);
  for (let i = 0; i < rows.length; i++) {
    const begin = matrix.indptr[rows[i]];
    const end = matrix.indptr[rows[i] + 1];
    indices.set(matrix.indices.subarray(begin, end), indptr[i]);
    values.set(matrix.values.subarray(begin, end), indptr[i]);
  }
  return { rows: rows.length, columns: matrix.columns, indptr, indices, values };
}

/** As `replaceRows`, for sparse rows. */
export function replaceSparseRows(
  matrix: SparseMatrix,
  count: number,
  rows: ArrayLike<number>,
  replacement: SparseMatrix,
): SparseMatrix {
  const replacing = new Map(Array.from(rows, (row, i) => [row, i]));
  const placeOf = (row: number): readonly [SparseMatrix, number] => {
    const other = replacing.get(row);
    return other === undefined ? [matrix, row] : [replacement, other];
  };
  const indptr = new Uint32Array(count + 1);
  for (let row = 0; row < count; row++) {
    const [from, place] = placeOf(row);
    indptr[row + 1] = indptr[row] + (place < from.rows ? from.indptr[place + 1] - from.indptr[place] : 0);
  }
  const indices = new Uint32Array(indptr[count]);
  const values = new Float32Array(indptr[count]);
  for (let row = 0; row < count; row++) {
    const [from, place] = placeOf(row);
    if (place >= from.rows) continue;
    indices.set(from.indices.subarray(from.indptr[place], from.indptr[place + 1]), indptr[row]);
    values.set(from.values.subarray(from.indptr[place], from.indptr[place + 1]), indptr[row]);
  }
  return { rows: count, columns: matrix.columns, indptr, indices, values };
}

/** Means of the columns over `rows`, all of them when absent: columns. */
export function columnMeans(matrix: Matrix, rows?: readonly number[]): Float32Array {
  const count = rows?.length ?? matrix.rows;
  const sums = new Float64Array(matrix.columns);
  for (let i = 0; i < count; i++) {
    const row = rowOf(matrix, rows?.[i] ?? i);
    for (let j = 0; j < matrix.columns; j++) sums[j] += row[j];
  }
  return Float32Array.from(sums, (sum) => (count === 0 ? 0 : sum / count));
}

/** Rows and columns of a square that stays in the cache while it is turned. */
const TURNED = 64;

/** Copies the half above the diagonal below it, in place: n x n. */
export function mirrorUpper({ rows: n, values }: Matrix | Matrix<Float64Array>): void {
  for (let top = 0; top < n; top += TURNED) {
    for (let left = 0; left <= top; left += TURNED) {
      for (let i = top; i < Math.min(n, top + TURNED); i++) {
        for (let j = left; j < Math.min(i, left + TURNED); j++) values[i * n + j] = values[j * n + i];
      }
    }
  }
}
