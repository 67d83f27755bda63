/** A regressor that looks at nothing: every item is predicted to be the mean one. A real one must beat it. */
import { chooseSetting, type Matrix, type RegressorKind, type TrainingSet } from "tailrec";

interface MeanMap {
  /** k. */
  readonly mean: Float32Array;
}

function meanOf({ y }: TrainingSet): MeanMap {
  const mean = new Float32Array(y.columns);
  for (const [at, value] of y.values.entries()) mean[at % y.columns] += value / y.rows;
  return { mean };
}

function predict({ mean }: MeanMap, inputs: Matrix): Matrix {
  const values = Float32Array.from({ length: inputs.rows * mean.length }, (_, at) => mean[at % mean.length]);
  return { rows: inputs.rows, columns: mean.length, values };
}

export const meanRegressor: RegressorKind<"mean", MeanMap, Record<never, never>, Record<never, never>> = {
  name: "mean",
  options: {},
  prepare: (task) => ({
    // Tries its settings, of which it has one, on the held-out items.
    validate: async () => {
      const map = meanOf(task.kept);
      return chooseSetting(task, [{ setting: {}, map, predict: () => predict(map, task.heldOut.x) }]);
    },
    refit: async () => meanOf(task.all),
  }),
  apply: async (map, inputs) => predict(map, inputs),
  sameSetting: () => ({}),
  storage: {
    fields: {},
    save: ({ mean }) => ({ fields: {}, tensors: { prediction: { shape: [mean.length], values: mean } } }),
    load: (_, { values }) => ({ mean: Float32Array.from(values("prediction")) }),
  },
  // z times zeros, plus the mean: a graph must use its input.
  onnx: ({ mean }) => ({
    nodes: [
      { operator: "ReduceSum", inputs: ["z"], outputs: ["sum"] },
      { operator: "Mul", inputs: ["sum", "zeros"], outputs: ["nothing"] },
      { operator: "Add", inputs: ["nothing", "prediction"], outputs: ["prior"] },
    ],
    initializers: [
      { name: "zeros", dimensions: [mean.length], data: new Float32Array(mean.length) },
      { name: "prediction", dimensions: [mean.length], data: mean },
    ],
  }),
};
