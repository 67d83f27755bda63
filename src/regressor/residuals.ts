/** What a prediction misses on held-out items: in a metric, by dimension, and when a block of features is missing. */
import type { FeatureBlock } from "../data/feature-matrix.ts";
import { hasPart, partRanges, type Reduction, withoutPart } from "../data/reduced-block.ts";
import { type Matrix, takeRows } from "../math/matrix.ts";
import { sparseBuilder } from "../math/sparse-builder.ts";
import { type Inputs, takeInputs } from "./training-set.ts";

/** Mean over items of (p - h)' M (p - h); M is the identity when absent. */
export function squaredError(prediction: Matrix, truth: Matrix, metric?: Matrix<Float64Array>): number {
  const k = truth.columns;
  const difference = new Float64Array(k);
  let sum = 0;
  for (let i = 0; i < truth.rows; i++) {
    for (let d = 0; d < k; d++) difference[d] = prediction.values[i * k + d] - truth.values[i * k + d];
    sum += metric === undefined ? squaredNorm(difference) : quadraticForm(difference, metric);
  }
  return sum / truth.rows;
}

function squaredNorm(vector: Float64Array): number {
  return vector.reduce((sum, value) => sum + value * value, 0);
}

function quadraticForm(vector: Float64Array, { values, columns }: Matrix<Float64Array>): number {
  let sum = 0;
  // Four rows at a time: no sum waits for another.
  const whole = columns - (columns % 4);
  for (let i = 0; i < whole; i += 4) {
    const [p, q, r, s] = [i * columns, (i + 1) * columns, (i + 2) * columns, (i + 3) * columns];
    let [a, b, c, d] = [0, 0, 0, 0];
    for (let j = 0; j < columns; j++) {
      const value = vector[j];
      a += values[p + j] * value;
      b += values[q + j] * value;
      c += values[r + j] * value;
      d += values[s + j] * value;
    }
    sum = sum + vector[i] * a + vector[i + 1] * b + vector[i + 2] * c + vector[i + 3] * d;
  }
  for (let i = whole; i < columns; i++) {
    let row = 0;
    for (let j = 0; j < columns; j++) row += values[i * columns + j] * vector[j];
    sum += vector[i] * row;
  }
  return sum;
}

/** Mean square residual of every dimension: k. */
export function residualVariance(prediction: Matrix, truth: Matrix): Float64Array {
  const k = truth.columns;
  const variance = new Float64Array(k);
  const [predicted, known] = [prediction.values, truth.values];
  for (let i = 0; i < truth.rows; i++) {
    for (let d = 0; d < k; d++) variance[d] += (predicted[i * k + d] - known[i * k + d]) ** 2 / truth.rows;
  }
  return variance;
}

export interface HeldOut extends Inputs {
  readonly y: Matrix;
}

/** By block: held-out squared error with the block blanked over `whole`, the error with all of them, at least 1. */
export async function missingBlockInflation(
  held: HeldOut,
  blocks: readonly FeatureBlock[],
  whole: number,
  predict: (inputs: Inputs) => Promise<Matrix>,
): Promise<Float64Array> {
  const inflation = new Float64Array(blocks.length);
  for (const [b, block] of blocks.entries()) {
    const blanked = squaredError(await predict(withoutBlock(held, block, blocks.length, b)), held.y);
    inflation[b] = whole > 0 ? Math.max(1, blanked / whole) : 1;
  }
  return inflation;
}

/** Held-out items that tell what a part is worth, at most. */
const ASKED = 500;

/** By part of the reduced block: held-out squared error of the items that have the part with it blanked, over the error with it, at least 1. */
export async function missingPartInflation(
  held: HeldOut,
  blocks: readonly FeatureBlock[],
  reduction: Reduction | undefined,
  predict: (inputs: Inputs) => Promise<Matrix>,
): Promise<number[]> {
  const ranges = partRanges(blocks);
  if (reduction === undefined || held.sparse === undefined) return ranges.map(() => 1);
  const inflation: number[] = [];
  for (const range of ranges) {
    const { sparse } = held;
    const asked = Array.from({ length: held.y.rows }, (_, i) => i)
      .filter((i) => hasPart(sparse, i, range))
      .slice(0, ASKED);
    const [truth, inputs] = [takeRows(held.y, asked), takeInputs(held, asked)];
    const whole = asked.length === 0 ? 0 : squaredError(await predict(inputs), truth);
    if (whole === 0 || inputs.sparse === undefined) inflation.push(1);
    else {
      const blanked = withoutPart({ x: inputs.x, sparse: inputs.sparse }, range, reduction);
      inflation.push(Math.max(1, squaredError(await predict(blanked), truth) / whole));
    }
  }
  return inflation;
}

/** Zeros in the block's columns and in its presence bit (the last columns are the bits); no sparse entries where they are its own. */
function withoutBlock({ x, sparse }: Inputs, block: FeatureBlock, blocks: number, b: number): Inputs {
  const values = x.values.slice();
  for (let i = 0; i < x.rows; i++) {
    const start = i * x.columns;
    values.fill(0, start + block.offset, start + block.offset + block.dimension);
    values[start + x.columns - blocks + b] = 0;
  }
  const blanked = block.isReduced && sparse ? sparseBuilder(sparse.rows).build(sparse.columns) : sparse;
  return { x: { ...x, values }, sparse: blanked };
}
