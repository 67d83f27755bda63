/**
 * The dual ridge on a given Gram K, items weighted and centred:
 *   a = H'V (V H K H' V + s I)^-1 V H y,
 * V the roots of the item weights, H the centring at their weighted mean, s the penalty times the sum of the weights.
 */
import type { ComputeBackend } from "../../../math/compute/backend.ts";
import { type Matrix, mirrorUpper, toFloat64, zeros } from "../../../math/matrix.ts";
import { centredRows, type TrainingSet, weightedMean } from "../../training-set.ts";

export interface DualSolution {
  /** a: n x k. */
  readonly dual: Matrix;
  /** b: k. */
  readonly intercept: Float32Array;
}

/** One solution a penalty. `gram` (n x n) is used up. */
export async function fitDuals(
  gram: Matrix<Float64Array>,
  { y, weights }: TrainingSet,
  penalties: readonly number[],
  backend: ComputeBackend,
): Promise<DualSolution[]> {
  const means = centreGram(gram, weights);
  const right = rightSide(y, weights);
  const solutions = await backend.solveShifted(gram, right.values, shiftsOf(penalties, weights));
  return solutions.map((solution) => dualOf(solution, weights, means, right.mean));
}

/** Solutions at one penalty for targets that come one after the other: the system is factored once. `gram` is used up. */
export async function prepareDuals(
  gram: Matrix<Float64Array>,
  weights: Float64Array,
  penalty: number,
  backend: ComputeBackend,
): Promise<(y: Matrix) => Promise<DualSolution>> {
  const means = centreGram(gram, weights);
  const factor = await backend.factor(gram, shiftsOf([penalty], weights)[0]);
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

/** K becomes V H K H' V in place; gives the weighted means of its rows before: n. */
function centreGram(gram: Matrix<Float64Array>, weights: Float64Array): Float64Array {
  const { rows: n, values } = gram;
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const means = Float64Array.from({ length: n }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < n; j++) sum += weights[j] * values[i * n + j];
    return sum / total;
  });
  const grand = means.reduce((sum, mean, i) => sum + (weights[i] * mean) / total, 0);
  const roots = weights.map(Math.sqrt);
  for (let i = 0; i < n; i++) {
    values[i * n + i] = weights[i] * (values[i * n + i] - 2 * means[i] + grand);
    for (let j = i + 1; j < n; j++) {
      values[i * n + j] = roots[i] * roots[j] * (values[i * n + j] - means[j] - means[i] + grand);
    }
  }
  mirrorUpper(gram);
  return means;
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
