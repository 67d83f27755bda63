/** Items and what is to be learnt of them, and the weighted moments that every closed-form fit starts from. */
import { type Matrix, zeros } from "../math/matrix.ts";

export interface TrainingSet {
  /** Standardised features with presence bits: n x (d + blocks). */
  readonly x: Matrix;
  /** Factors: n x k. */
  readonly y: Matrix;
  /** support^exponent: n. */
  readonly weights: Float64Array;
}

/** sum_i v_i row_i / sum_i v_i. */
export function weightedMean({ columns, values }: Matrix, weights: Float64Array): Float64Array {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const mean = new Float64Array(columns);
  for (let p = 0; p < values.length; p++) mean[p % columns] += (weights[Math.floor(p / columns)] * values[p]) / total;
  return mean;
}

/** Rows minus `mean`, times the root of their weight. */
export function centredRows({ rows, columns, values }: Matrix, mean: Float64Array, weights: Float64Array): Matrix {
  const result = zeros(rows, columns);
  for (let p = 0; p < values.length; p++) {
    result.values[p] = (values[p] - mean[p % columns]) * Math.sqrt(weights[Math.floor(p / columns)]);
  }
  return result;
}
