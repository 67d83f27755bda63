/**
 * A kind of regressor written outside the library, with its public names alone: one gradient step from the mean,
 *   f(z) = rate / n sum_i (y_i - mean)' (z z_i') + mean,
 * the rate chosen on held-out items.
 */
import { z } from "zod";
import {
  chooseSetting,
  type Matrix,
  type PreparedKind,
  type RegressionTask,
  type RegressorKind,
  type TrainingSet,
} from "../../src/index.ts";

const options = {
  oneStep: z
    .strictObject({ rates: z.array(z.number().positive()).min(1).default([0.1, 0.5, 1]).describe("step sizes to try") })
    .prefault({})
    .describe("one gradient step from the mean"),
};

const fields = { rate: z.number() };

interface OneStepMap {
  /** (features + blocks) x k. */
  readonly slopes: Matrix;
  /** k. */
  readonly mean: Float32Array;
  readonly rate: number;
}

function step({ x, y }: TrainingSet, rate: number): OneStepMap {
  const mean = new Float32Array(y.columns);
  for (let p = 0; p < y.values.length; p++) mean[p % y.columns] += y.values[p] / y.rows;
  const values = new Float32Array(x.columns * y.columns);
  for (let i = 0; i < x.rows; i++) {
    for (let p = 0; p < values.length; p++) {
      const [j, d] = [Math.floor(p / y.columns), p % y.columns];
      values[p] += (rate / x.rows) * x.values[i * x.columns + j] * (y.values[i * y.columns + d] - mean[d]);
    }
  }
  return { slopes: { rows: x.columns, columns: y.columns, values }, mean, rate };
}

function predict({ slopes, mean }: OneStepMap, inputs: Matrix): Matrix {
  const values = new Float32Array(inputs.rows * mean.length);
  for (let p = 0; p < values.length; p++) {
    const [i, d] = [Math.floor(p / mean.length), p % mean.length];
    values[p] = mean[d];
    for (let j = 0; j < inputs.columns; j++) {
      values[p] += inputs.values[i * inputs.columns + j] * slopes.values[j * mean.length + d];
    }
  }
  return { rows: inputs.rows, columns: mean.length, values };
}

function prepare(task: RegressionTask<{ oneStep: { rates: number[] } }>): PreparedKind<OneStepMap> {
  const { rates } = task.options.oneStep;
  const validate = async () => {
    const maps = rates.map((rate) => step(task.kept, rate));
    return chooseSetting(
      task,
      maps.map((map) => ({ setting: { rate: map.rate }, map, predict: () => predict(map, task.heldOut.x) })),
    );
  };
  return { validate, refit: async () => step(task.all, (await validate()).map.rate) };
}

export const oneStep: RegressorKind<"one-step", OneStepMap, typeof options, typeof fields> = {
  name: "one-step",
  options,
  prepare,
  apply: async (map, inputs) => predict(map, inputs),
  sameSetting: ({ rate }) => ({ oneStep: { rates: [rate] } }),
  storage: {
    fields,
    save: ({ rate, slopes, mean }) => ({
      fields: { rate },
      tensors: {
        slopes: { shape: [slopes.rows, slopes.columns], values: slopes.values },
        intercept: { shape: [mean.length], values: mean },
      },
    }),
    load: ({ rate }, { matrix, values }) => ({
      rate,
      slopes: matrix("slopes"),
      mean: Float32Array.from(values("intercept")),
    }),
  },
  onnx: ({ slopes, mean }) => ({
    nodes: [
      { operator: "MatMul", inputs: ["z", "slopes"], outputs: ["product"] },
      { operator: "Add", inputs: ["product", "intercept"], outputs: ["prior"] },
    ],
    initializers: [
      { name: "slopes", dimensions: [slopes.rows, slopes.columns], data: slopes.values },
      { name: "intercept", dimensions: [mean.length], data: mean },
    ],
  }),
};
