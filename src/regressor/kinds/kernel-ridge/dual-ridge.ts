/**
 * The dual ridge on a given Gram K, items weighted and centred:
 *   a = H'V (V H K H' V + s I)^-1 V H y,
 * V the roots of the item weights, H the centring at their weighted mean, s the penalty times the sum of the weights.
 */
import type { ComputeBackend } from "../../../math/compute/backend.ts";
import type { CentredKernel } from "../../../math/compute/compute-backend.ts";
import { type Matrix, toFloat64, zeros } from "../../../math/matrix.ts";
import { centredRows, type TrainingSet, weightedMean } from "../../training-set.ts";

export interface DualSolution {
  /** a: n x k. */
  readonly dual: Matrix;
  /** b: k. */
  readonly intercept: Float32Array;
}

/** One solution a penalty, from the Gram: n x n. */
export async function fitDuals(
  gram: Matrix,
  { y, weights }: TrainingSet,
  penalties: readonly number[],
  backend: ComputeBackend,
): Promise<DualSolution[]> {
  const centred = centredGram(gram, weights);
  const right = rightSide(y, weights);
  const solutions = await backend.solveShifted(centred, right.values, shiftsOf(penalties, weights));
  return solutions.map((solution) => dualOf(solution, weights, centred.means, right.mean));
}

/** Solutions at one penalty for targets that come one after the other: the system is factored once. */
export async function prepareDuals(
  gram: Matrix,
  weights: Float64Array,
  penalty: number,
  backend: ComputeBackend,
): Promise<(y: Matrix) => Promise<DualSolution>> {
  const centred = centredGram(gram, weights);
  const factor = await backend.factor(centred, shiftsOf([penalty], weights)[0]);
  const { means } = centred;
  return async (y) => {
    const right = rightSide(y, weights);
    return dualOf(await backend.solveFactored(factor, right.values), weights, means, right.mean);
  };
}

function shiftsOf(penalties: readonly number[], weights: Float64Array): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return penalties.map((penalty) => penalty * total);
}

/** V H y, and the mean that H takes away. */
function rightSide(y: Matrix, weights: Float64Array) {
  const mean = weightedMean(y, weights);
  return { values: toFloat64(centredRows(y, mean, weights)), mean };
}

function dualOf(solution: Matrix, weights: Float64Array, means: Float64Array, meanY: Float64Array): DualSolution {
  const dual = uncentred(solution, weights);
  return { dual, intercept: interceptOf(dual, means, meanY) };
}

/** V H K H' V, with the weighted means of the rows of K. */
function centredGram(kernel: Matrix, weights: Float64Array): CentredKernel {
  const { rows: n, values } = kernel;
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const means = new Float64Array(n);
  // Four rows at a time: no sum waits for another.
  const whole = n - (n % 4);
  for (let i = 0; i < whole; i += 4) {
    const [p, q, r, s] = [i * n, (i + 1) * n, (i + 2) * n, (i + 3) * n];
    let [a, b, c, d] = [0, 0, 0, 0];
    for (let j = 0; j < n; j++) {
      const weight = weights[j];
      a += weight * values[p + j];
      b += weight * values[q + j];
      c += weight * values[r + j];
      d += weight * values[s + j];
    }
    means[i] = a / total;
    means[i + 1] = b / total;
    means[i + 2] = c / total;
    means[i + 3] = d / total;
  }
  for (let i = whole; i < n; i++) {
    let sum = 0;
    for (let j = 0; j < n; j++) sum += weights[j] * values[i * n + j];
    means[i] = sum / total;
  }
  const mean = means.reduce((sum, value, i) => sum + (weights[i] * value) / total, 0);
  return { kernel, roots: weights.map(Math.sqrt), means, mean };
}

/** H'V times the solution; its columns sum to zero, so that K itself, uncentred, can be applied. */
function uncentred({ rows, columns, values }: Matrix, weights: Float64Array): Matrix {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const sums = new Float64Array(columns);
  for (let p = 0; p < values.length; p++) sums[p % columns] += Math.sqrt(weights[Math.floor(p / columns)]) * values[p];
  const dual = zeros(rows, columns);
  for (let p = 0; p < values.length; p++) {
    const weight = weights[Math.floor(p / columns)];
    dual.values[p] = Math.sqrt(weight) * values[p] - (weight / total) * sums[p % columns];
  }
  return dual;
}

/** mean y - a' mean K: k. */
function interceptOf({ rows, columns, values }: Matrix, means: Float64Array, meanY: Float64Array): Float32Array {
  const intercept = meanY.slice();
  for (let p = 0; p < rows * columns; p++) intercept[p % columns] -= means[Math.floor(p / columns)] * values[p];
  return Float32Array.from(intercept);
}
