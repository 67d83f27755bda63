/** Equation 2 for one row, every pair enumerated in float64: the solution and the loss that it minimises. */
import type { Matrix, SparseMatrix } from "../../src/math/matrix.ts";
import { denseSolve } from "./matrices.ts";

export interface DenseRow {
  /** The fixed side, m x k. */
  readonly factors: Matrix;
  /** m confidences, 0 where nothing was observed. */
  readonly confidences: readonly number[];
  readonly unobservedWeight: number;
  /** k values: the row's regularisation in every dimension. */
  readonly precision: readonly number[];
  /** k values; zeros when absent. */
  readonly prior?: ArrayLike<number>;
  /** 1 when absent. */
  readonly exposure?: number;
  /** k values: what the unexposed share expects of the row, target w.p; 0 and without weight when absent. */
  readonly expected?: ArrayLike<number>;
}

/** The row's confidences, dense. */
export function denseConfidences(rows: SparseMatrix, i: number, scale = 1): number[] {
  const confidences = new Array<number>(rows.columns).fill(0);
  for (let p = rows.indptr[i]; p < rows.indptr[i + 1]; p++) confidences[rows.indices[p]] = scale * rows.values[p];
  return confidences;
}

/** l = lambda (sum c + a0 m)^nu. */
export function rowPenalty(
  confidences: readonly number[],
  options: {
    readonly regularization: number;
    readonly regularizationExponent: number;
    readonly unobservedWeight: number;
  },
): number {
  const weight = confidences.reduce((sum, c) => sum + c, 0) + options.unobservedWeight * confidences.length;
  return options.regularization * weight ** options.regularizationExponent;
}

/** h = (sum_j (e a0 + c_j) w_j w_j' + L)^-1 (sum_j c_j w_j + L p), with (1 - e) a0 sum_j w_j w_j' on both sides where p is expected. */
export function solveDenseRow(row: DenseRow): number[] {
  const { factors, confidences, unobservedWeight, precision, prior, exposure = 1, expected } = row;
  const k = factors.columns;
  const unmet = expected ? (1 - exposure) * unobservedWeight : 0;
  const left = new Array<number>(k * k).fill(0);
  const right = new Array<number>(k).fill(0);
  for (const [j, c] of confidences.entries()) {
    for (let d = 0; d < k; d++) {
      const w = factors.values[j * k + d];
      right[d] += c * w;
      for (let s = 0; s < k; s++) {
        const square = w * factors.values[j * k + s];
        left[d * k + s] += (exposure * unobservedWeight + unmet + c) * square;
        right[d] += unmet * square * (expected?.[s] ?? 0);
      }
    }
  }
  for (let d = 0; d < k; d++) {
    left[d * k + d] += precision[d];
    right[d] += precision[d] * (prior?.[d] ?? 0);
  }
  return denseSolve(left, right);
}

/** sum_j c_j (w_j.h - 1)^2 + e a0 sum_j (w_j.h)^2 + (1 - e) a0 sum_j (w_j.(h - p))^2 + (h - p)' L (h - p), the third where p is expected. */
export function denseRowLoss(row: DenseRow, h: ArrayLike<number>): number {
  const { factors, confidences, unobservedWeight, precision, prior, exposure = 1, expected } = row;
  const k = factors.columns;
  let loss = 0;
  for (const [j, c] of confidences.entries()) {
    let [score, surprise] = [0, 0];
    for (let d = 0; d < k; d++) {
      score += factors.values[j * k + d] * h[d];
      surprise += factors.values[j * k + d] * (h[d] - (expected?.[d] ?? h[d]));
    }
    loss += c * (score - 1) ** 2 + exposure * unobservedWeight * score ** 2;
    loss += (1 - exposure) * unobservedWeight * surprise ** 2;
  }
  for (let d = 0; d < k; d++) loss += precision[d] * (h[d] - (prior?.[d] ?? 0)) ** 2;
  return loss;
}
