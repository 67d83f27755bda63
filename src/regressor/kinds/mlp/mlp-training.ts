/**
 * Trains the trunk of one member of the network beside a ridge that stays as it is: shuffled batches, dropout of units and of whole
 * blocks, gradients by an engine, steps by Adam.
 */

import type { FeatureBlock } from "../../../data/feature-matrix.ts";
import { type Matrix, rowOf, takeRows, zeros } from "../../../math/matrix.ts";
import { createRandom, type Random } from "../../../math/random.ts";
import type { Tfjs } from "../../../math/tfjs/tfjs.ts";
import { type AdamState, adamStep, createAdam } from "../../../networks/adam.ts";
import { type RunContext, throwIfInterrupted } from "../../../run-context.ts";
import type { TrainingSet } from "../../training-set.ts";
import type { MlpEngine, MlpEngineName, MlpStepper } from "./mlp-engine.ts";
import { type MlpWeights, trunkNames } from "./mlp-map.ts";
import type { MlpOptions } from "./mlp-options.ts";
import { type MlpShape, mlpDimensions } from "./mlp-step-graph.ts";
import { openStepper } from "./onnx-stepper.ts";
import { openTfjsStepper } from "./tfjs-stepper.ts";

export interface MemberTask {
  /** Targets less the intercept of the ridge, whitened. */
  readonly training: TrainingSet;
  readonly blocks: readonly FeatureBlock[];
  /** The trunk. */
  readonly start: MlpWeights;
  /** The slopes of the ridge, whitened: (d + blocks) x k. */
  readonly skip: Matrix;
  readonly options: MlpOptions;
  readonly seed: number;
  /** The caller's own instance, for the engine tfjs. */
  readonly tfjs?: Tfjs;
}

const mlpEngines: Readonly<Record<MlpEngineName, MlpEngine>> = { onnxruntime: openStepper, tfjs: openTfjsStepper };

/** Trains until `keepGoing` (weights after a pass, its number from 1, mean loss of the pass) says no, or for `epochs` passes. */
export async function trainMember(
  task: MemberTask,
  epochs: number,
  context: RunContext,
  keepGoing: (weights: MlpWeights, epoch: number, loss: number) => Promise<boolean> = async () => true,
): Promise<MlpWeights> {
  const { training, start, options, seed } = task;
  const weights = Object.fromEntries(trunkNames(options.depth).map((name) => [name, copyOf(start[name])]));
  const shape = shapeOf(training, options);
  const stepper = await mlpEngines[options.engine](shape, task.tfjs);
  const states = Object.fromEntries(
    Object.entries(weights).map(([name, { values }]) => [name, createAdam(values.length)]),
  );
  const random = createRandom(seed);
  try {
    for (let epoch = 1; epoch <= epochs; epoch++) {
      const loss = await pass(task, { weights, states, stepper, random, epoch }, context);
      if (!(await keepGoing(weights, epoch, loss))) break;
    }
  } finally {
    await stepper.close();
  }
  return weights;
}

/** Random projection and layers, and a head of zeros. */
export function startWeights(training: TrainingSet, options: MlpOptions, seed: number): MlpWeights {
  const shape = shapeOf(training, options);
  const random = createRandom(seed);
  const meanSquare = training.x.values.reduce((sum, value) => sum + value * value, 0) / training.x.rows;
  const deviation = (name: string): number => {
    // Where every training item is the mean of all, there is nothing to bring to order one.
    if (name === "project") return meanSquare > 0 ? 1 / Math.sqrt(meanSquare) : 1;
    if (name.startsWith("innerBias") || name.startsWith("head")) return 0;
    return Math.sqrt((name.startsWith("inner") ? 2 : 0.5) / options.width);
  };
  const drawn = trunkNames(options.depth).map((name) => {
    const [rows, columns] = mlpDimensions(name, shape);
    const spread = deviation(name);
    const values = Float32Array.from({ length: rows * columns }, () => (spread === 0 ? 0 : spread * random.normal()));
    return [name, { rows, columns, values }] as const;
  });
  return Object.fromEntries(drawn);
}

function shapeOf({ x, y }: TrainingSet, { width, depth }: MlpOptions): MlpShape {
  return { inputs: x.columns, width, depth, outputs: y.columns };
}

interface TrainingState {
  readonly weights: MlpWeights;
  readonly states: Readonly<Record<string, AdamState>>;
  readonly stepper: MlpStepper;
  readonly random: Random;
  /** From 1. */
  readonly epoch: number;
}

/** One pass over the items: mean loss of its steps. */
async function pass(
  { training, blocks, skip, options }: MemberTask,
  state: TrainingState,
  context: RunContext,
): Promise<number> {
  const { weights, states, stepper, random, epoch } = state;
  const order = Array.from({ length: training.x.rows }, (_, i) => i);
  random.shuffle(order);
  const steps = Math.ceil(order.length / options.batch);
  let total = 0;
  for (let s = 0; s < steps; s++) {
    throwIfInterrupted(context);
    const batch = batchOf(training, order.slice(s * options.batch, (s + 1) * options.batch));
    dropBlocks(batch.x, blocks, options.blockDropout, random);
    const masks = Array.from({ length: options.depth + 1 }, () => dropoutMask(batch.x.rows, options, random));
    const { loss, gradients } = await stepper.step(batch, masks, weights, skip);
    total += loss / steps;
    for (const [name, { values }] of Object.entries(weights)) {
      adamStep(values, gradients[name], states[name], (epoch - 1) * steps + s + 1, options);
    }
  }
  return total;
}

/** The rows, their weights summing to one. */
function batchOf({ x, y, weights }: TrainingSet, rows: readonly number[]): TrainingSet {
  const total = rows.reduce((sum, row) => sum + weights[row], 0);
  return {
    x: takeRows(x, rows),
    y: takeRows(y, rows),
    weights: Float64Array.from(rows, (row) => weights[row] / total),
  };
}

function dropBlocks(z: Matrix, blocks: readonly FeatureBlock[], chance: number, random: Random): void {
  for (let i = 0; i < z.rows; i++) {
    const row = rowOf(z, i);
    for (const [b, { offset, dimension }] of blocks.entries()) {
      if (random.next() >= chance) continue;
      row.fill(0, offset, offset + dimension);
      row[z.columns - blocks.length + b] = 0;
    }
  }
}

function dropoutMask(rows: number, { width, dropout }: MlpOptions, random: Random): Matrix {
  const mask = zeros(rows, width);
  for (let p = 0; p < mask.values.length; p++) mask.values[p] = random.next() < dropout ? 0 : 1 / (1 - dropout);
  return mask;
}

function copyOf(matrix: Matrix): Matrix {
  return { ...matrix, values: matrix.values.slice() };
}
