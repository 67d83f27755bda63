/** Losses of a batch, each in mean over its rows, with d loss / d output. */
import { decay } from "../math/exponential.ts";
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
  const { rows, columns, values: row } = logits;
  let loss = 0;
  for (let i = 0; i < rows; i++) {
    const [start, begin, end] = [i * columns, indptr[i], indptr[i + 1]];
    let [total, ofTargets] = [0, 0];
    for (let p = begin; p < end; p++) {
      total += values[p];
      ofTargets += values[p] * row[start + indices[p]];
    }
    const { most, sum } = exponentials(row, start, start + columns);
    loss += total * (most + Math.log(sum)) - ofTargets;
    const share = total / (sum * rows);
    for (let p = start; p < start + columns; p++) row[p] *= share;
    for (let p = begin; p < end; p++) row[start + indices[p]] -= values[p] / rows;
  }
  return { value: loss / rows, gradient: logits };
}

/** e^{x_p - max x} in place of x_p for the places from `start` to `stop`, with their sum: safe for large numbers. */
function exponentials(x: Float32Array, start: number, stop: number): { readonly most: number; readonly sum: number } {
  let most = -Infinity;
  for (let p = start; p < stop; p++) if (x[p] > most) most = x[p];
  let sum = 0;
  for (let p = start; p < stop; p++) {
    const power = decay(most - x[p]);
    x[p] = power;
    sum += power;
  }
  return { most, sum };
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
