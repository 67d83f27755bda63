/**
 * Variance components: the non-negative shares t_b with which kernels explain targets,
 *   columns of Y ~ N(0, W),   W = sum_b t_b K_b + s I,
 * by maximum marginal likelihood. Each step multiplies (the MM algorithm of Zhou, Hu, Zhou and Lange 2019),
 *   t_b <- t_b sqrt(tr(Y'W^-1 K_b W^-1 Y) / (q tr(W^-1 K_b))),   s likewise with I for K_b,
 * so that no share turns negative and the likelihood never falls. A kernel that tells nothing fades to zero.
 */
import type { ComputeBackend } from "./compute/backend.ts";
import { sharedFloat64 } from "./compute/shared-memory.ts";
import { transpose } from "./linear-map.ts";
import { columnMeans, type Matrix, zeros } from "./matrix.ts";

export interface VarianceRequest {
  /** Symmetric positive semi-definite: m x m each. */
  readonly kernels: readonly Matrix[];
  /** Y: m x q. */
  readonly targets: Matrix;
  readonly iterations?: number;
}

export interface VarianceComponents {
  /** t_b. */
  readonly shares: readonly number[];
  /** t_b times the mean diagonal of the centred K_b: the variance that the kernel explains. */
  readonly explained: readonly number[];
  /** s. */
  readonly noise: number;
}

const ITERATIONS = 24;

/** Kernels and targets are centred first. A kernel without variance explains 0. */
export async function varianceComponents(
  { kernels, targets, iterations = ITERATIONS }: VarianceRequest,
  backend: ComputeBackend,
): Promise<VarianceComponents> {
  const m = targets.rows;
  const y = centredColumns(targets);
  const centred = kernels.map(centredKernel);
  const traces = centred.map((kernel) => traceOf(kernel) / m);
  const variance = sumOfSquares(y.values) / (m * y.columns);
  const inverseOf = inverter(m, backend);
  let noise = variance / 2;
  let shares = traces.map((trace) => (trace > 0 ? variance / 2 / kernels.length / trace : 0));
  for (let i = 0; i < iterations && variance > 0; i++) {
    const inverse = await inverseOf(centred, shares, noise);
    const weighted = await backend.multiplyTransposed(inverse, transpose(y));
    const outer = await backend.multiplyTransposed(weighted, weighted);
    shares = shares.map((share, b) => {
      const expected = y.columns * innerProduct(centred[b], inverse);
      return share > 0 ? share * Math.sqrt(Math.max(0, innerProduct(centred[b], outer)) / expected) : 0;
    });
    noise *= Math.sqrt(traceOf(outer) / (y.columns * traceOf(inverse)));
  }
  return { shares, explained: shares.map((share, b) => share * traces[b]), noise };
}

/** W^-1 of ever new shares, m x m; in memory that the kernel reads in place. */
function inverter(m: number, backend: ComputeBackend) {
  const [sum, identity] = [sharedFloat64(m * m), sharedFloat64(m * m)];
  for (let i = 0; i < m; i++) identity[i * m + i] = 1;
  return async (kernels: readonly Matrix[], shares: readonly number[], noise: number): Promise<Matrix> => {
    sum.fill(0);
    for (const [b, { values }] of kernels.entries()) {
      const share = shares[b];
      if (share > 0) for (let p = 0; p < sum.length; p++) sum[p] += share * values[p];
    }
    const square = (values: Float64Array) => ({ rows: m, columns: m, values });
    const [inverse] = await backend.solveShifted(square(sum), square(identity), [noise]);
    return inverse;
  };
}

function centredColumns(matrix: Matrix): Matrix {
  const mean = columnMeans(matrix);
  return { ...matrix, values: matrix.values.map((value, p) => value - mean[p % matrix.columns]) };
}

/** H K H with H = I - 11'/m. */
function centredKernel({ rows: m, values }: Matrix): Matrix {
  const means = Float64Array.from({ length: m }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < m; j++) sum += values[i * m + j];
    return sum / m;
  });
  const grand = means.reduce((sum, mean) => sum + mean / m, 0);
  const centred = zeros(m, m);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < m; j++) centred.values[i * m + j] = values[i * m + j] - means[i] - means[j] + grand;
  }
  return centred;
}

function traceOf({ rows, values }: Matrix): number {
  let sum = 0;
  for (let i = 0; i < rows; i++) sum += values[i * rows + i];
  return sum;
}

function innerProduct(a: Matrix, b: Matrix): number {
  let sum = 0;
  for (let p = 0; p < a.values.length; p++) sum += a.values[p] * b.values[p];
  return sum;
}

function sumOfSquares(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value * value, 0);
}
