/**
 * Kernel ridge on a seeded sample of landmarks that spans f (Williams & Seeger 2001): a ridge on K(x, landmarks) K_mm^-1/2.
 * On Amazon Scientific 1,500 of 3,000 items cost .1478 - .1310 of the prior's cold NDCG@10 and saved no time.
 */
import type { ComputeBackend } from "../../../math/compute/backend.ts";
import { transpose } from "../../../math/linear-map.ts";
import { type Matrix, zeros } from "../../../math/matrix.ts";
import { createRandom } from "../../../math/random.ts";
import type { PenaltyMethod } from "../../penalty-choice.ts";
import type { RegressionTask } from "../../regression-task.ts";
import { type Inputs, type TrainingSet, takeInputs } from "../../training-set.ts";
import { fitRidgeMaps, toFloat64 } from "../ridge/ridge-regression.ts";
import { gramMatrix, kernelMatrix } from "./block-kernels.ts";
import {
  applyKernelMap,
  type KernelMap,
  type KernelSpace,
  type Landmarks,
  landmarkInputs,
  landmarksOf,
} from "./kernel-map.ts";
import type { KernelRidgeOptions } from "./kernel-options.ts";

export function landmarkMethod(space: KernelSpace, task: RegressionTask<KernelRidgeOptions>): PenaltyMethod<KernelMap> {
  const { options, heldOut, backend } = task;
  return {
    fit: (part, penalties) => {
      const landmarks = sampleItems(task[part], options.kernelRidge.landmarks, options.seed);
      return fitLandmarks({ ...space, ...landmarksOf(landmarks) }, task[part], penalties, backend);
    },
    predictHeldOut: (maps) => Promise.all(maps.map((map) => applyKernelMap(map, heldOut.x, backend, heldOut.sparse))),
  };
}

/** A seeded sample of the items, in ascending order; all of them when there are no more than `count`. */
function sampleItems(inputs: Inputs, count: number, seed: number): Inputs {
  if (inputs.x.rows <= count) return inputs;
  const rows = Array.from({ length: inputs.x.rows }, (_, i) => i);
  createRandom(seed).shuffle(rows);
  return takeInputs(
    inputs,
    rows.slice(0, count).sort((a, b) => a - b),
  );
}

async function fitLandmarks(
  space: KernelSpace & Landmarks,
  { y, weights, ...items }: TrainingSet,
  penalties: readonly number[],
  backend: ComputeBackend,
): Promise<KernelMap[]> {
  const { terms, blocks } = space;
  const landmarks = landmarkInputs(space);
  const root = await inverseRoot(await gramMatrix(terms, blocks, landmarks, backend), backend);
  const similarities = await kernelMatrix(terms, blocks, items, landmarks, backend);
  const inputs = await backend.multiplyTransposed(similarities, transpose(root));
  const maps = await fitRidgeMaps({ x: inputs, y, weights }, penalties, backend);
  return Promise.all(
    maps.map(async ({ weights: slopes, intercept, regularization }) => ({
      ...space,
      dual: await backend.multiplyTransposed(root, transpose(slopes)),
      intercept,
      regularization,
    })),
  );
}

/** Directions of K_mm below this share of the largest are rounding. */
const SMALLEST_DIRECTION = 1e-6;

/** K_mm^-1/2 along the directions that are no rounding: m x rank. */
async function inverseRoot(gram: Matrix, backend: ComputeBackend): Promise<Matrix> {
  const { values, vectors } = await backend.eigen(toFloat64(gram));
  const rank = values.findIndex((value) => value < SMALLEST_DIRECTION * values[0]);
  const kept = rank < 0 ? values.length : rank;
  const root = zeros(gram.rows, kept);
  for (let i = 0; i < root.rows; i++) {
    for (let j = 0; j < kept; j++)
      root.values[i * kept + j] = vectors.values[i * vectors.columns + j] / Math.sqrt(values[j]);
  }
  return root;
}
