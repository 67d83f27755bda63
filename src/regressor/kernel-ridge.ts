/**
 * Ridge regression in dual form, on a sum of kernels per block:
 *   f(x) = sum_i a_i K(x, x_i) + b,   a = H'V (V H K H' V + s I)^-1 V H y,
 * V the roots of the item weights, H the centring at their weighted mean. With linear kernels this is `ridge`. The system has a row an item: above
 * `maximumTeachers` a seeded sample of landmarks spans f instead (Williams & Seeger 2001), a ridge on K(x, landmarks) K_mm^-1/2.
 *
 * Nothing is kept from fit to fit: the factorisation of 2,000 items takes .1 s of processor time, an eigendecomposition that could be reused 5.6 s.
 */
import type { FeatureBlock } from "../data/feature-matrix.ts";
import { TailrecError } from "../errors.ts";
import type { Kernel } from "../math/kernel.ts";
import { transpose } from "../math/linear-map.ts";
import { type Matrix, rowRange, zeros } from "../math/matrix.ts";
import { nearestName } from "../options.ts";
import { type KernelTerm, kernelMatrix, kernelTerms, sampleRows } from "./block-kernels.ts";
import { tryPenalties } from "./penalty-choice.ts";
import { centredRows, type FittedKind, type Lesson, type RegressionTask, weightedMean } from "./regression-task.ts";
import { addToRows, fitRidgeMaps, toFloat64 } from "./ridge.ts";

export interface KernelMap {
  readonly kind: "kernel-ridge";
  readonly terms: readonly KernelTerm[];
  /** Number of blocks: the last columns of the landmarks are their presence bits. */
  readonly blocks: number;
  /** x_i: m x (d + blocks), standardised. */
  readonly landmarks: Matrix;
  /** a: m x k. */
  readonly dual: Matrix;
  /** b: k. */
  readonly intercept: Float32Array;
  /** Width of the rbf kernels against the median distance. */
  readonly bandwidth: number;
  /** The penalty used, per unit of item weight. */
  readonly regularization: number;
}

/** Rows of K at a time: memory stays at rows x landmarks, whatever the catalog. */
const CHUNK = 2048;

export async function applyKernelMap(map: KernelMap, z: Matrix, kernel: Kernel): Promise<Matrix> {
  const { terms, blocks, landmarks, intercept } = map;
  const dual = transpose(map.dual);
  const result = zeros(z.rows, dual.rows);
  for (let begin = 0; begin < z.rows; begin += CHUNK) {
    const part = rowRange(z, begin, Math.min(begin + CHUNK, z.rows));
    const similarities = await kernelMatrix(terms, blocks, part, landmarks, kernel);
    result.values.set((await kernel.multiplyTransposed(similarities, dual)).values, begin * dual.rows);
  }
  return addToRows(result, intercept);
}

/** Every penalty at the first bandwidth, then the other bandwidths at the best penalty; without an rbf there is no bandwidth to choose. */
export async function fitKernelRidge(task: RegressionTask): Promise<FittedKind<KernelMap>> {
  const { forms, blockForms, bandwidths } = task.options.kernelRidge;
  requireBlocks(Object.keys(blockForms), task.blocks);
  const hasWidth = [forms, ...Object.values(blockForms)].some((used) => used.includes("rbf"));
  const [first, ...others] = hasWidth ? bandwidths : bandwidths.slice(0, 1);
  let best = await fitBandwidth(task, first);
  const trials = [...best.trials];
  for (const bandwidth of others) {
    const fitted = await fitBandwidth(task, bandwidth, [best.validated.regularization]);
    if (fitted.trials[0].error < Math.min(...trials.map(({ error }) => error))) best = fitted;
    trials.push(...fitted.trials);
  }
  return { ...best, trials };
}

async function fitBandwidth(
  task: RegressionTask,
  bandwidth: number,
  penalties?: readonly number[],
): Promise<FittedKind<KernelMap>> {
  const { options, blocks, kernel, kept, all } = task;
  const { forms, blockForms, maximumTeachers, landmarks } = options.kernelRidge;
  const formsOf = ({ name }: FeatureBlock) => blockForms[name] ?? forms;
  const terms = kernelTerms(blocks, formsOf, kept.x, bandwidth, options.seed);
  const count = all.x.rows > maximumTeachers ? landmarks : Number.POSITIVE_INFINITY;
  const fit = (lesson: Lesson, shifts: readonly number[]) => {
    const space = { terms, blocks: blocks.length, landmarks: sampleRows(lesson.x, count, options.seed), bandwidth };
    const method = space.landmarks.rows < lesson.x.rows ? fitLandmarks : fitDual;
    return method(space, lesson, shifts, kernel);
  };
  const fitted = await tryPenalties(task, fit, applyKernelMap, penalties);
  const trials = fitted.trials.map((trial) => ({ ...trial, setting: { ...trial.setting, bandwidth } }));
  return { ...fitted, trials };
}

function requireBlocks(names: readonly string[], blocks: readonly FeatureBlock[]): void {
  const known = blocks.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const near = nearestName(unknown, known);
  const remedy = near === undefined ? `the features have ${known.join(", ")}` : `did you mean "${near}"?`;
  throw new TailrecError("INVALID_OPTIONS", `regressor: kernelRidge.blockForms: no block "${unknown}", ${remedy}`);
}

type KernelSpace = Pick<KernelMap, "terms" | "blocks" | "landmarks" | "bandwidth">;

/** Exact: every teaching item is a landmark. */
async function fitDual(
  space: KernelSpace,
  { x, y, weights }: Lesson,
  penalties: readonly number[],
  kernel: Kernel,
): Promise<KernelMap[]> {
  const gram = toFloat64(await kernelMatrix(space.terms, space.blocks, x, x, kernel));
  const means = centreGram(gram, weights);
  const meanY = weightedMean(y, weights);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const shifts = penalties.map((penalty) => penalty * total);
  const duals = await kernel.solveShifted(gram, toFloat64(centredRows(y, meanY, weights)), shifts);
  return duals.map((solution, p) => {
    const dual = uncentred(solution, weights);
    const intercept = interceptOf(dual, means, meanY);
    return { kind: "kernel-ridge", ...space, dual, intercept, regularization: penalties[p] };
  });
}

/** K becomes V H K H' V in place; gives the weighted means of its rows before: n. */
function centreGram({ rows: n, values }: Matrix<Float64Array>, weights: Float64Array): Float64Array {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const means = Float64Array.from({ length: n }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < n; j++) sum += weights[j] * values[i * n + j];
    return sum / total;
  });
  const grand = means.reduce((sum, mean, i) => sum + (weights[i] * mean) / total, 0);
  const roots = weights.map(Math.sqrt);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      // Products in float32 differ in their last bits across the diagonal; the solver is given one of the two.
      const value = roots[i] * roots[j] * (values[i * n + j] - means[i] - means[j] + grand);
      values[i * n + j] = value;
      values[j * n + i] = value;
    }
    values[i * n + i] = weights[i] * (values[i * n + i] - 2 * means[i] + grand);
  }
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

/** Directions of K_mm below this share of the largest are rounding. */
const SMALLEST_DIRECTION = 1e-6;

async function fitLandmarks(
  space: KernelSpace,
  { x, y, weights }: Lesson,
  penalties: readonly number[],
  kernel: Kernel,
): Promise<KernelMap[]> {
  const { terms, blocks, landmarks } = space;
  const among = toFloat64(await kernelMatrix(terms, blocks, landmarks, landmarks, kernel));
  const { values, vectors } = await kernel.eigen(among);
  const rank = values.findIndex((value) => value < SMALLEST_DIRECTION * values[0]);
  const kept = rank < 0 ? values.length : rank;
  const root = zeros(landmarks.rows, kept);
  for (let i = 0; i < root.rows; i++) {
    for (let j = 0; j < kept; j++)
      root.values[i * kept + j] = vectors.values[i * vectors.columns + j] / Math.sqrt(values[j]);
  }
  const inputs = await kernel.multiplyTransposed(
    await kernelMatrix(terms, blocks, x, landmarks, kernel),
    transpose(root),
  );
  const maps = await fitRidgeMaps({ x: inputs, y, weights }, penalties, kernel);
  return Promise.all(
    maps.map(async ({ weights: slopes, intercept, regularization }) => ({
      kind: "kernel-ridge" as const,
      ...space,
      dual: await kernel.multiplyTransposed(root, transpose(slopes)),
      intercept,
      regularization,
    })),
  );
}
