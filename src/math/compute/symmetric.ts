/**
 * Symmetric positive definite systems in float64: Cholesky factor and solve on flat row-major buffers, and the
 * eigendecomposition of a Gram matrix (through ml-matrix, which follows EISPACK tred2/tql2).
 */
import { EigenvalueDecomposition, Matrix as MlMatrix } from "ml-matrix";
import { TailrecError } from "../../errors.ts";
import type { Matrix } from "../matrix.ts";

/**
 * Overwrites the lower triangle of the n x n matrix `a` with its Cholesky factor (a = L L').
 * A pivot that is not positive is an INVALID_ARGUMENT: the matrix was not positive definite.
 */
export function choleskyInPlace(a: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) {
    const rowI = i * n;
    for (let j = 0; j <= i; j++) {
      const rowJ = j * n;
      let sum = a[rowI + j];
      for (let p = 0; p < j; p++) sum -= a[rowI + p] * a[rowJ + p];
      if (j < i) a[rowI + j] = sum / a[rowJ + j];
      else a[rowI + i] = pivotRoot(sum, i);
    }
  }
}

function pivotRoot(pivot: number, i: number): number {
  if (pivot > 0 && Number.isFinite(pivot)) return Math.sqrt(pivot);
  throw new TailrecError(
    "INVALID_ARGUMENT",
    `expected a positive definite matrix, pivot ${i} is ${pivot}; raise the regularization or remove non-finite input`,
  );
}

/** Solves L L' x = b in place, L from `choleskyInPlace`. */
export function choleskySolveInPlace(l: Float64Array, n: number, b: Float64Array): void {
  for (let i = 0; i < n; i++) {
    let sum = b[i];
    for (let p = 0; p < i; p++) sum -= l[i * n + p] * b[p];
    b[i] = sum / l[i * n + i];
  }
  for (let i = n - 1; i >= 0; i--) {
    const x = b[i] / l[i * n + i];
    b[i] = x;
    for (let p = 0; p < i; p++) b[p] -= l[i * n + p] * x;
  }
}

export interface Eigen {
  /** Descending, negatives from rounding set to 0. */
  readonly values: Float64Array;
  /** n x n, eigenvector j in column j; its largest component is positive, so that the basis is the same in every run. */
  readonly vectors: Matrix<Float64Array>;
}

/** Eigendecomposition of a symmetric positive semi-definite matrix. */
export function eigenOfGram(gram: Matrix<Float64Array>): Eigen {
  const n = gram.rows;
  const decomposition = new EigenvalueDecomposition(MlMatrix.from1DArray(n, n, gram.values), { assumeSymmetric: true });
  const order = decomposition.realEigenvalues
    .map((value, index) => ({ value, index }))
    .sort((x, y) => y.value - x.value || x.index - y.index);
  const columns = decomposition.eigenvectorMatrix;
  const values = new Float64Array(n);
  const vectors = new Float64Array(n * n);
  for (const [j, { value, index }] of order.entries()) {
    values[j] = Math.max(0, value);
    const sign = signOfLargest(columns.getColumn(index));
    for (let i = 0; i < n; i++) vectors[i * n + j] = sign * columns.get(i, index);
  }
  return { values, vectors: { rows: n, columns: n, values: vectors } };
}

function signOfLargest(vector: readonly number[]): number {
  let largest = 0;
  for (const value of vector) if (Math.abs(value) > Math.abs(largest)) largest = value;
  return largest < 0 ? -1 : 1;
}
