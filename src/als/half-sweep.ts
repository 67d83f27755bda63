/**
 * One side of ALS solved against the other (equation 2): users against items, items against users, and fold-in of
 * rows that were not there in training are the same call. Row i's regularisation is
 * l_i = lambda (sum_j c_ij + alpha0 m)^nu, with m the number of rows of the fixed side.
 */
import { type ComputeBackend, defaultBackend } from "../math/compute/backend.ts";
import type { DiagonalBasis } from "../math/compute/diagonal-basis.ts";
import type { Matrix, SparseMatrix } from "../math/matrix.ts";
import type { RunContext } from "../run-context.ts";
import type { ResolvedAlsOptions } from "./als-options.ts";

export type HalfSweepOptions = Pick<
  ResolvedAlsOptions,
  "regularization" | "regularizationExponent" | "unobservedWeight" | "confidenceScale"
>;

export interface BackendContext extends RunContext {
  readonly backend?: ComputeBackend;
}

/** One side's interactions as every sweep over them needs them. */
export interface SweepRows {
  /** c: n x m confidences. */
  readonly rows: SparseMatrix;
  /** l: n. */
  readonly regularization: Float64Array;
}

export interface HalfSweep {
  /** n x m weights; the confidence is `confidenceScale` times the weight. Or what `sweepRows` made of them. */
  readonly rows: SparseMatrix | SweepRows;
  /** m x k. */
  readonly factors: Matrix;
  /** k x k Gram of `factors`; computed by the kernel when absent. */
  readonly gram?: Matrix<Float64Array>;
  /** Of `factors`, where many sweeps share it; the Gram is not needed then. */
  readonly basis?: DiagonalBasis;
  /** n x k. */
  readonly prior?: Matrix;
  /** Exact when absent. */
  readonly solver?: ResolvedAlsOptions["solver"];
  /** Where conjugate gradients go on from, n x k; from the prior when absent, from zeros without one. */
  readonly start?: Matrix;
  /** Takes the factors in place of a new matrix: n x k; may be `start`. */
  readonly into?: Matrix;
  /** Takes the factors in the coordinates of conjugate gradients, in which the solution stays too: m x k; may be `factors`. */
  readonly factorsInto?: Matrix;
}

/** Factors of every row: n x k. */
export function solveHalfSweep(
  sweep: HalfSweep,
  options: HalfSweepOptions,
  context: BackendContext = {},
): Promise<Matrix> {
  const backend = context.backend ?? defaultBackend();
  const { rows: given, ...rest } = sweep;
  const { rows, regularization } = "regularization" in given ? given : sweepRows(given, options);
  const systems = { ...rest, rows, rowPrecision: regularization, unobservedWeight: options.unobservedWeight };
  return backend.solveRows(systems, context);
}

/** Prepares n x m weights for several sweeps: neither confidences nor regularisation change in training. */
export function sweepRows(weights: SparseMatrix, options: HalfSweepOptions): SweepRows {
  const rows = scaleConfidence(weights, options.confidenceScale);
  return { rows, regularization: rowRegularization(rows, options) };
}

/** l_i of every row, for confidences that are scaled already. */
export function rowRegularization(rows: SparseMatrix, options: HalfSweepOptions): Float64Array {
  return Float64Array.from({ length: rows.rows }, (_, i) => {
    let confidence = 0;
    for (let p = rows.indptr[i]; p < rows.indptr[i + 1]; p++) confidence += rows.values[p];
    return regularizationOf(confidence, rows.columns, options);
  });
}

/** With alpha0 = 0 a row without interactions weighs nothing, and any positive l gives it its prior. */
const LEAST_WEIGHT = 1e-12;

/** l of a row with the given sum of confidences, against `others` rows of the fixed side. */
export function regularizationOf(confidence: number, others: number, options: HalfSweepOptions): number {
  const { regularization, regularizationExponent, unobservedWeight } = options;
  return regularization * Math.max(confidence + unobservedWeight * others, LEAST_WEIGHT) ** regularizationExponent;
}

export function scaleConfidence(rows: SparseMatrix, scale: number): SparseMatrix {
  return scale === 1 ? rows : { ...rows, values: rows.values.map((value) => value * scale) };
}
