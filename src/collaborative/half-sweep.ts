/**
 * One side of ALS solved against the other (equation 2): users against items, items against users, and fold-in of
 * rows that were not there in training are the same call. Row i's regularisation is
 * l_i = lambda (sum_j c_ij + alpha0 m)^nu, with m the number of rows of the fixed side.
 */
import { defaultKernel, type Kernel } from "../math/kernel.ts";
import type { Matrix, SparseMatrix } from "../math/matrix.ts";
import type { RunContext } from "../run-context.ts";
import type { ResolvedAlsOptions } from "./als-options.ts";

export type HalfSweepOptions = Pick<
  ResolvedAlsOptions,
  "regularization" | "regularizationExponent" | "unobservedWeight" | "confidenceScale"
>;

export interface KernelContext extends RunContext {
  readonly kernel?: Kernel;
}

export interface HalfSweep {
  /** n x m weights; the confidence is `confidenceScale` times the weight. */
  readonly rows: SparseMatrix;
  /** m x k. */
  readonly factors: Matrix;
  /** k x k Gram of `factors`; computed when absent. */
  readonly gram?: Matrix<Float64Array>;
  /** n x k. */
  readonly prior?: Matrix;
  /** Exact when absent. */
  readonly solver?: ResolvedAlsOptions["solver"];
  /** Where conjugate gradients go on from, n x k; from the prior when absent, from zeros without one. */
  readonly start?: Matrix;
  /** Takes the factors in place of a new matrix: n x k; may be `start`. */
  readonly into?: Matrix;
}

/** Factors of every row: n x k. */
export async function solveHalfSweep(
  sweep: HalfSweep,
  options: HalfSweepOptions,
  context: KernelContext = {},
): Promise<Matrix> {
  const kernel = context.kernel ?? defaultKernel();
  const rows = scaleConfidence(sweep.rows, options.confidenceScale);
  const systems = {
    factors: sweep.factors,
    gram: sweep.gram ?? (await kernel.gram(sweep.factors)),
    rows,
    unobservedWeight: options.unobservedWeight,
    rowPrecision: rowRegularization(rows, options),
    prior: sweep.prior,
    into: sweep.into,
    solver: sweep.solver,
    start: sweep.start,
  };
  return kernel.solveRows(systems, context);
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
