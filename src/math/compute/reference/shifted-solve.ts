/** (A + s I)^-1 B for one shift s: a ridge solution, by Cholesky in float64. */
import type { CentredKernel } from "../compute-backend.ts";
import { choleskyInPlace, choleskySolveInPlace } from "../symmetric.ts";

export interface ShiftedSystems {
  /** n x n, symmetric positive semi-definite. */
  readonly a: Float64Array;
  /** n x columns. */
  readonly b: Float64Array;
  readonly n: number;
  readonly columns: number;
  readonly shifts: readonly number[];
  /** shifts x n x columns, the result. */
  readonly out: Float64Array;
}

/** Fills the result of shift number `s`. */
export function solveShift({ a, b, n, columns, shifts, out }: ShiftedSystems, s: number): void {
  const solution = solveColumns(factorShifted(a, n, shifts[s]), n, b, columns);
  out.set(solution, s * n * columns);
}

/** The factor of A + s I, in the lower triangle. */
export function factorShifted(a: Float64Array, n: number, shift: number): Float64Array {
  const factor = Float64Array.from(a);
  for (let i = 0; i < n; i++) factor[i * n + i] += shift;
  choleskyInPlace(factor, n);
  return factor;
}

/** The solutions for right sides B: n x columns. */
export function solveColumns(factor: Float64Array, n: number, b: Float64Array, columns: number): Float64Array {
  const out = new Float64Array(n * columns);
  const right = new Float64Array(n);
  for (let j = 0; j < columns; j++) {
    for (let i = 0; i < n; i++) right[i] = b[i * columns + j];
    choleskySolveInPlace(factor, n, right);
    for (let i = 0; i < n; i++) out[i * columns + j] = right[i];
  }
  return out;
}

/** The weighted and centred kernel: n x n. */
export function centredValues({ kernel, roots, means, mean }: CentredKernel): Float64Array {
  const { rows: n, values } = kernel;
  const centred = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      centred[i * n + j] = roots[i] * roots[j] * (values[i * n + j] - means[i] - means[j] + mean);
    }
  }
  return centred;
}
