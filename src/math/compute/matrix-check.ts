/**
 * Checks of matrices and vectors that are given to a backend, whatever the job: sizes are whole numbers, arrays are of their
 * kind and length, numbers are finite, row offsets ascend. Errors are INVALID_ARGUMENT and name the row.
 */
import { TailrecError } from "../../errors.ts";
import type { Matrix, SparseMatrix } from "../matrix.ts";

type Kind = "Float32Array" | "Float64Array" | "Uint32Array" | "Uint8Array" | "Int8Array";

/** Rows are numbered by 32-bit integers in results. */
const LARGEST_SIZE = 2 ** 31 - 1;

export function expectThat(condition: boolean, expectation: string): asserts condition {
  if (!condition) throw invalid(expectation);
}

export function invalid(expectation: string): TailrecError {
  return new TailrecError("INVALID_ARGUMENT", `expected ${expectation}`);
}

/** A typed array of that kind, from whichever realm; a plain array is none. */
export function checkKind(values: unknown, kind: Kind, name: string): void {
  const received = Object.prototype.toString.call(values).slice(8, -1);
  expectThat(ArrayBuffer.isView(values) && received === kind, `a ${kind} of ${name}, received ${received}`);
}

/** Shape, kind and length. */
export function checkDense(
  matrix: Matrix<Float32Array | Float64Array>,
  name: string,
  kind: "Float32Array" | "Float64Array" = "Float32Array",
): void {
  checkShape(matrix, name);
  const { rows, columns, values } = matrix;
  checkKind(values, kind, name);
  expectThat(values.length === rows * columns, `${rows * columns} values of ${name}, received ${values.length}`);
}

function checkShape(matrix: { readonly rows: number; readonly columns: number }, name: string): void {
  expectThat(typeof matrix === "object" && matrix !== null, `a matrix of ${name}, received ${typeof matrix}`);
  for (const size of [matrix.rows, matrix.columns]) {
    const isSize = Number.isInteger(size) && size >= 0 && size <= LARGEST_SIZE;
    expectThat(isSize, `rows and columns of ${name} from 0 to ${LARGEST_SIZE}, received ${size}`);
  }
}

/** All of `checkDense`, then every number. */
export function checkFinite(
  matrix: Matrix<Float32Array | Float64Array>,
  name: string,
  kind: "Float32Array" | "Float64Array" = "Float32Array",
): void {
  checkDense(matrix, name, kind);
  const { values, columns } = matrix;
  for (let p = 0; p < values.length; p++) {
    if (Number.isFinite(values[p])) continue;
    throw invalid(`finite ${name}, received ${values[p]} in row ${Math.floor(p / columns)}`);
  }
}

/** A square matrix of finite numbers in float64. */
export function checkSquare(matrix: Matrix<Float64Array>, name: string): void {
  checkSquareShape(matrix, name);
  checkFinite(matrix, name, "Float64Array");
}

export function checkSquareShape(matrix: Matrix<Float64Array>, name: string): void {
  checkDense(matrix, name, "Float64Array");
  expectThat(matrix.rows === matrix.columns, `a square ${name}, received ${matrix.rows} x ${matrix.columns}`);
}

/** Least and greatest number allowed. */
interface Range {
  readonly least: number;
  readonly most: number;
}

export const FINITE: Range = { least: -Number.MAX_VALUE, most: Number.MAX_VALUE };
export const POSITIVE: Range = { least: Number.MIN_VALUE, most: Number.MAX_VALUE };
export const NOT_NEGATIVE: Range = { least: 0, most: Number.MAX_VALUE };
export const SHARE: Range = { least: 0, most: 1 };

/** Any list of numbers. Where one is out of its range, `checkCause` may name a better reason. */
export function checkVector(
  values: ArrayLike<number>,
  length: number,
  name: string,
  { least, most }: Range,
  checkCause: () => void = () => {},
): void {
  expectThat(typeof values === "object" && values !== null, `a list of numbers of ${name}, received ${typeof values}`);
  expectThat(values.length === length, `${length} values of ${name}, received ${values.length}`);
  for (let i = 0; i < length; i++) {
    const value = values[i];
    if (typeof value === "number" && value >= least && value <= most) continue;
    checkCause();
    throw invalid(`${name} in its range, received ${String(value)} in row ${i}`);
  }
}

/** Offsets and lengths of a pattern with weights. */
export function checkSparseShape(matrix: SparseMatrix, name: string): void {
  checkPattern(matrix, name);
  const { indices, values } = matrix;
  checkKind(values, "Float32Array", `weights of ${name}`);
  expectThat(indices.length === values.length, `${indices.length} weights, received ${values.length}`);
}

/** Offsets alone; the weights may be anything. */
export function checkPattern(matrix: SparseMatrix, name: string): void {
  checkShape(matrix, name);
  const { rows, indptr, indices } = matrix;
  checkKind(indptr, "Uint32Array", `row offsets of ${name}`);
  checkKind(indices, "Uint32Array", `indices of ${name}`);
  expectThat(indptr.length === rows + 1, `${rows + 1} row offsets, received ${indptr.length}`);
  expectThat(indptr[0] === 0, `row offsets to begin at 0, received ${indptr[0]}`);
  expectThat(indptr[rows] === indices.length, `row offsets to end at ${indices.length}, received ${indptr[rows]}`);
  for (let i = 0; i < rows; i++) {
    if (indptr[i] > indptr[i + 1])
      throw invalid(`ascending row offsets, received a row of negative length at row ${i}`);
  }
}

/** Positive finite weights, and indices in range. */
export function checkEntries(matrix: SparseMatrix): void {
  const { values } = matrix;
  const p = values.findIndex((value) => !(value > 0 && value < Infinity));
  if (p >= 0) throw invalid(`a positive finite weight in row ${rowOfEntry(matrix, p)}, received ${values[p]}`);
  checkIndices(matrix);
}

export function checkIndices(matrix: SparseMatrix): void {
  const { columns, indices } = matrix;
  const p = indices.findIndex((index) => index >= columns);
  if (p >= 0) throw invalid(`an index below ${columns} in row ${rowOfEntry(matrix, p)}, received ${indices[p]}`);
}

/** Indices that ascend within every row. */
export function checkAscending({ rows, indptr, indices }: SparseMatrix, name: string): void {
  for (let i = 0; i < rows; i++) {
    for (let p = indptr[i] + 1; p < indptr[i + 1]; p++) {
      if (indices[p - 1] > indices[p])
        throw invalid(`ascending indices of ${name} in row ${i}, received ${indices[p]} after ${indices[p - 1]}`);
    }
  }
}

function rowOfEntry({ rows, indptr }: SparseMatrix, p: number): number {
  let i = 0;
  while (i < rows && indptr[i + 1] <= p) i++;
  return i;
}
