/** Items and what is to be learnt of them, and the weighted moments that every closed-form fit starts from. */
import { type Matrix, type SparseMatrix, takeRows, takeSparseRows, zeros } from "../math/matrix.ts";

/** What a map reads of items. */
export interface Inputs {
  /** Standardised features with presence bits: n x (d + blocks). */
  readonly x: Matrix;
  /** n x terms: the rows of the block that stands reduced in x, where the features have one. */
  readonly sparse?: SparseMatrix;
}

/** The given rows of both. */
export function takeInputs({ x, sparse }: Inputs, rows: ArrayLike<number>): Inputs {
  return { x: takeRows(x, rows), sparse: sparse && takeSparseRows(sparse, rows) };
}

export interface TrainingSet extends Inputs {
  /** Factors: n x k. */
  readonly y: Matrix;
  /** support^exponent: n. */
  readonly weights: Float64Array;
}

/** sum_i v_i row_i / sum_i v_i. */
export function weightedMean({ rows, columns, values }: Matrix, weights: Float64Array): Float64Array {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const mean = new Float64Array(columns);
  for (let i = 0; i < rows; i++) {
    const begin = i * columns;
    for (let d = 0; d < columns; d++) mean[d] += (weights[i] * values[begin + d]) / total;
  }
  return mean;
}

/** Rows minus `mean`, times the root of their weight. */
export function centredRows({ rows, columns, values }: Matrix, mean: Float64Array, weights: Float64Array): Matrix {
  const result = zeros(rows, columns);
  const centred = result.values;
  for (let i = 0; i < rows; i++) {
    const [begin, root] = [i * columns, Math.sqrt(weights[i])];
    for (let d = 0; d < columns; d++) centred[begin + d] = (values[begin + d] - mean[d]) * root;
  }
  return result;
}
