/**
 * Ridge regression in dual form (`dual-ridge.ts`), on a sum of kernels per block (`block-kernels.ts`):
 *   f(x) = sum_i a_i K(x, x_i) + b.
 * With linear kernels this is `ridge`. The system has a row an item: above `maximumTeachers` a seeded sample of landmarks spans f
 * instead (Williams & Seeger 2001), a ridge on K(x, landmarks) K_mm^-1/2. On Amazon Scientific 1,500 of 3,000 items cost .1478 - .1310 of
 * the prior's cold NDCG@10 and saved no time.
 *
 * Nothing is kept from fit to fit: the factorisation of 2,000 items takes .1 s of processor time, an eigendecomposition that could be reused 5.6 s.
 */
import type { FeatureBlock } from "../../data/feature-matrix.ts";
import { TailrecError } from "../../errors.ts";
import type { ComputeBackend } from "../../math/compute/backend.ts";
import { transpose } from "../../math/linear-map.ts";
import { type Matrix, rowRange, zeros } from "../../math/matrix.ts";
import { nearestName } from "../../options.ts";
import { choosePenalty, type PenaltyMethod } from "../penalty-choice.ts";
import { type Lesson, once, type PreparedKind, type RegressionTask } from "../regression-task.ts";
import { gramMatrix, type KernelTerm, kernelMatrix, kernelTerms, sampleRows } from "./block-kernels.ts";
import { fitDuals } from "./dual-ridge.ts";
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

export async function applyKernelMap(map: KernelMap, z: Matrix, backend: ComputeBackend): Promise<Matrix> {
  const { terms, blocks, landmarks } = map;
  const result = zeros(z.rows, map.dual.columns);
  for (let begin = 0; begin < z.rows; begin += CHUNK) {
    const part = rowRange(z, begin, Math.min(begin + CHUNK, z.rows));
    const similarities = await kernelMatrix(terms, blocks, part, landmarks, backend);
    result.values.set((await predictFrom(similarities, map, backend)).values, begin * result.columns);
  }
  return result;
}

/** Every penalty at the first bandwidth, then the other bandwidths at the best penalty; without an rbf there is no bandwidth to choose. */
export function prepareKernelRidge(task: RegressionTask): PreparedKind<KernelMap> {
  const { forms, blockForms, bandwidths } = task.options.kernelRidge;
  requireBlocks(Object.keys(blockForms), task.blocks);
  const hasWidth = [forms, ...Object.values(blockForms)].some((used) => used.includes("rbf"));
  const [first, ...others] = hasWidth ? bandwidths : bandwidths.slice(0, 1);
  if (others.length === 0) return atBandwidth(task, first);
  const choice = once(() => tryBandwidths(task, first, others));
  return {
    validate: async () => (await choice()).validated,
    finish: async () => (await choice()).best.finish(),
  };
}

/** A Gram stays with the best bandwidth alone. */
async function tryBandwidths(task: RegressionTask, first: number, others: readonly number[]) {
  let best = atBandwidth(task, first);
  let { map, trials } = await best.validate();
  for (const bandwidth of others) {
    const kind = atBandwidth(task, bandwidth, [map.regularization]);
    const tried = await kind.validate();
    if (tried.trials[0].error < Math.min(...trials.map(({ error }) => error))) [best, map] = [kind, tried.map];
    trials = [...trials, ...tried.trials];
  }
  return { best, validated: { map, trials } };
}

function atBandwidth(task: RegressionTask, bandwidth: number, penalties?: readonly number[]): PreparedKind<KernelMap> {
  const { options, blocks, kept, all } = task;
  const { forms, blockForms, maximumTeachers } = options.kernelRidge;
  const formsOf = ({ name }: FeatureBlock) => blockForms[name] ?? forms;
  const space = {
    terms: kernelTerms(blocks, formsOf, kept.x, bandwidth, options.seed),
    blocks: blocks.length,
    bandwidth,
  };
  const method = all.x.rows > maximumTeachers ? landmarkMethod(space, task) : dualMethod(space, task);
  const { validate, finish } = choosePenalty(task, method, penalties);
  const named = async () => {
    const { map, trials } = await validate();
    return { map, trials: trials.map((trial) => ({ ...trial, setting: { ...trial.setting, bandwidth } })) };
  };
  return { validate: named, finish };
}

function requireBlocks(names: readonly string[], blocks: readonly FeatureBlock[]): void {
  const known = blocks.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const near = nearestName(unknown, known);
  const remedy = near === undefined ? `the features have ${known.join(", ")}` : `did you mean "${near}"?`;
  throw new TailrecError("INVALID_OPTIONS", `regressor: kernelRidge.blockForms: no block "${unknown}", ${remedy}`);
}

type KernelSpace = Pick<KernelMap, "terms" | "blocks" | "bandwidth">;

/** Exact: every teaching item is a landmark. One Gram of all serves the kept items, those held out and the last fit. */
function dualMethod(space: KernelSpace, task: RegressionTask): PenaltyMethod<KernelMap> {
  const { backend, places } = task;
  const gramOfAll = once(() => gramMatrix(space.terms, space.blocks, task.all.x, backend));
  const fit: PenaltyMethod<KernelMap>["fit"] = async (part, penalties) => {
    const gram = await gramOfAll();
    const among = part === "all" ? gram : takePlaces(gram, places.kept, places.kept);
    const duals = await fitDuals(toFloat64(among), task[part], penalties, backend);
    const landmarks = task[part].x;
    return duals.map((dual, p) => ({
      kind: "kernel-ridge",
      ...space,
      landmarks,
      ...dual,
      regularization: penalties[p],
    }));
  };
  const predictHeldOut: PenaltyMethod<KernelMap>["predictHeldOut"] = async (maps) => {
    const similarities = takePlaces(await gramOfAll(), places.heldOut, places.kept);
    return Promise.all(maps.map((map) => predictFrom(similarities, map, backend)));
  };
  return { fit, predictHeldOut };
}

/** f from the rows of K: n x k. */
async function predictFrom(
  similarities: Matrix,
  { dual, intercept }: Pick<KernelMap, "dual" | "intercept">,
  backend: ComputeBackend,
): Promise<Matrix> {
  return addToRows(await backend.multiplyTransposed(similarities, transpose(dual)), intercept);
}

function takePlaces(matrix: Matrix, rows: readonly number[], columns: readonly number[]): Matrix {
  const taken = zeros(rows.length, columns.length);
  for (const [i, row] of rows.entries()) {
    for (let j = 0; j < columns.length; j++) {
      taken.values[i * columns.length + j] = matrix.values[row * matrix.columns + columns[j]];
    }
  }
  return taken;
}

/** A seeded sample of the teaching items spans f. */
function landmarkMethod(space: KernelSpace, task: RegressionTask): PenaltyMethod<KernelMap> {
  const { options, heldOut, backend } = task;
  return {
    fit: (part, penalties) => {
      const landmarks = sampleRows(task[part].x, options.kernelRidge.landmarks, options.seed);
      return fitLandmarks({ ...space, landmarks }, task[part], penalties, backend);
    },
    predictHeldOut: (maps) => Promise.all(maps.map((map) => applyKernelMap(map, heldOut.x, backend))),
  };
}

/** Directions of K_mm below this share of the largest are rounding. */
const SMALLEST_DIRECTION = 1e-6;

async function fitLandmarks(
  space: KernelSpace & Pick<KernelMap, "landmarks">,
  { x, y, weights }: Lesson,
  penalties: readonly number[],
  backend: ComputeBackend,
): Promise<KernelMap[]> {
  const { terms, blocks, landmarks } = space;
  const among = toFloat64(await gramMatrix(terms, blocks, landmarks, backend));
  const { values, vectors } = await backend.eigen(among);
  const rank = values.findIndex((value) => value < SMALLEST_DIRECTION * values[0]);
  const kept = rank < 0 ? values.length : rank;
  const root = zeros(landmarks.rows, kept);
  for (let i = 0; i < root.rows; i++) {
    for (let j = 0; j < kept; j++)
      root.values[i * kept + j] = vectors.values[i * vectors.columns + j] / Math.sqrt(values[j]);
  }
  const inputs = await backend.multiplyTransposed(
    await kernelMatrix(terms, blocks, x, landmarks, backend),
    transpose(root),
  );
  const maps = await fitRidgeMaps({ x: inputs, y, weights }, penalties, backend);
  return Promise.all(
    maps.map(async ({ weights: slopes, intercept, regularization }) => ({
      kind: "kernel-ridge" as const,
      ...space,
      dual: await backend.multiplyTransposed(root, transpose(slopes)),
      intercept,
      regularization,
    })),
  );
}
