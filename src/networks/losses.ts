/** Losses of a batch, each in mean over its rows, with d loss / d output. */
import type { Matrix, SparseMatrix } from "../math/matrix.ts";

export interface Loss {
  readonly value: number;
  /** d loss / d output, of the shape of the output. */
  readonly gradient: Matrix;
}

/**
 * The multinomial likelihood of targets x (n x m) under softmax(logits): -sum_j x_j ln p_j, with the gradient |x|_1 p - x. The logits
 * are overwritten by the gradient.
 */
export function multinomialLoss(logits: Matrix, { indptr, indices, values }: SparseMatrix): Loss {
  const { rows, columns } = logits;
  let loss = 0;
  for (let i = 0; i < rows; i++) {
    const row = logits.values.subarray(i * columns, (i + 1) * columns);
    let total = 0;
    const normaliser = logSumExp(row);
    for (let p = indptr[i]; p < indptr[i + 1]; p++) {
      total += values[p];
      loss += values[p] * (normaliser - row[indices[p]]);
    }
    for (let j = 0; j < columns; j++) row[j] = (total * Math.exp(row[j] - normaliser)) / rows;
    for (let p = indptr[i]; p < indptr[i + 1]; p++) row[indices[p]] -= values[p] / rows;
  }
  return { value: loss / rows, gradient: logits };
}

/** ln sum_j e^{x_j}, safe for large numbers. */
export function logSumExp(row: Float32Array): number {
  let most = -Infinity;
  for (let j = 0; j < row.length; j++) if (row[j] > most) most = row[j];
  let sum = 0;
  for (let j = 0; j < row.length; j++) sum += Math.exp(row[j] - most);
  return most + Math.log(sum);
}

/** The logistic loss of labels 0 or 1, an output a row: ln(1 + e^x) - label x. */
export function logisticLoss(outputs: Matrix, labels: Float32Array): Loss {
  const { rows, values } = outputs;
  let loss = 0;
  const gradient = { ...outputs, values: new Float32Array(rows) };
  for (let i = 0; i < rows; i++) {
    const x = values[i];
    loss += Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))) - labels[i] * x;
    gradient.values[i] = (1 / (1 + Math.exp(-x)) - labels[i]) / rows;
  }
  return { value: loss / rows, gradient };
}

/** |output - target|^2 / 2. */
export function squaredLoss(outputs: Matrix, targets: Matrix): Loss {
  let loss = 0;
  const gradient = { ...outputs, values: new Float32Array(outputs.values.length) };
  for (let p = 0; p < outputs.values.length; p++) {
    const difference = outputs.values[p] - targets.values[p];
    loss += difference * difference;
    gradient.values[p] = difference / outputs.rows;
  }
  return { value: loss / (2 * outputs.rows), gradient };
}
