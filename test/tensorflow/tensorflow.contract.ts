/** TensorFlow.js beside ONNX Runtime: the same gradients, networks as good, and a layers model that gives what the regressor gives. */
import { beforeAll, describe, expect, it } from "vitest";
import type { FeatureMatrix } from "../../src/data/feature-matrix.ts";
import { type Matrix, rowOf } from "../../src/math/matrix.ts";
import { createRandom } from "../../src/math/random.ts";
import { loadTfjs } from "../../src/math/tfjs/tfjs.ts";
import { trunkNames } from "../../src/regressor/kinds/mlp/mlp-map.ts";
import { mlpDimensions } from "../../src/regressor/kinds/mlp/mlp-step-graph.ts";
import { openStepper } from "../../src/regressor/kinds/mlp/onnx-stepper.ts";
import { openTfjsStepper } from "../../src/regressor/kinds/mlp/tfjs-stepper.ts";
import { LAYERS_WEIGHTS, regressorToLayers } from "../../src/regressor/layers-export.ts";
import { fitRegressor, predictPrior, type Regressor } from "../../src/regressor/regressor.ts";
import { largestDifference } from "../helpers/comparisons.ts";
import { featureBlocks } from "../helpers/feature-blocks.ts";
import { randomMatrix } from "../helpers/matrices.ts";
import { tensorflow, wasm } from "./peer.ts";

describe.each(["cpu", "wasm"])("one step on the backend %s", (backend) => {
  beforeAll(async () => {
    expect(wasm).toBeDefined();
    expect(await tensorflow.setBackend(backend)).toBe(true);
  });

  it.each([
    { inputs: 5, width: 4, depth: 2, outputs: 3, rows: 6 },
    { inputs: 40, width: 32, depth: 1, outputs: 16, rows: 64 },
    { inputs: 7, width: 9, depth: 0, outputs: 2, rows: 1 },
  ])("has loss and gradients of ONNX Runtime to 1e-4, dropout and weights included: %j", async (sizes) => {
    const { rows, ...shape } = sizes;
    const random = createRandom(3);
    const draw = (n: number, m: number) => randomMatrix(random, n, m);
    const weights = Object.fromEntries(
      trunkNames(shape.depth).map((name) => [name, draw(...mlpDimensions(name, shape))]),
    );
    const batch = {
      x: draw(rows, shape.inputs),
      y: draw(rows, shape.outputs),
      weights: Float64Array.from({ length: rows }, (_, i) => (2 * (i + 1)) / (rows * (rows + 1))),
    };
    const masks = Array.from({ length: shape.depth + 1 }, () => draw(rows, shape.width)).map((mask) => ({
      ...mask,
      values: mask.values.map((value) => (value > 0.5 ? 0 : 1.5)),
    }));
    const skip = draw(shape.inputs, shape.outputs);
    const [onnx, tfjs] = [await openStepper(shape), await openTfjsStepper(shape, tensorflow)];
    const expected = await onnx.step(batch, masks, weights, skip);
    const before = tensorflow.memory().numTensors;
    const given = await tfjs.step(batch, masks, weights, skip);
    expect(tensorflow.memory().numTensors).toBe(before);
    expect(Math.abs(given.loss / expected.loss - 1)).toBeLessThan(1e-4);
    for (const [name, gradient] of Object.entries(expected.gradients)) {
      const scale = Math.max(1e-6, ...gradient.map(Math.abs));
      expect(largestDifference(given.gradients[name], gradient) / scale, name).toBeLessThan(1e-4);
    }
    await onnx.close();
  });
});

const random = createRandom(7);
const items = 400;
const raw = randomMatrix(random, items, 6);
const shapes = [
  { name: "text", dimension: 4 },
  { name: "image", dimension: 2 },
];
const features = featureBlocks(raw, shapes, (row, block) => row % 7 !== block);
/** A product of two features: no linear map can say it. */
const factors: Matrix = {
  rows: items,
  columns: 2,
  values: Float32Array.from({ length: 2 * items }, (_, p) => {
    const row = rowOf(features.values, Math.floor(p / 2));
    return p % 2 === 0 ? row[0] * row[1] + 0.1 * random.normal() : row[4];
  }),
};
const data = { features, factors, support: new Uint32Array(items).fill(1) };
const mlp = { width: 16, depth: 1, maximumEpochs: 20, patience: 20, batch: 64, members: 2, learningRate: 0.01 };

describe("the network by the engine tfjs", () => {
  it("is as good as by ONNX Runtime, and the same for the same seed", async () => {
    const onnx = await fitRegressor(data, { kind: "mlp", mlp });
    const options = { kind: "mlp" as const, mlp: { ...mlp, engine: "tfjs" as const } };
    const tfjs = await fitRegressor(data, options, { tfjs: tensorflow });
    const again = await fitRegressor(data, options, { tfjs: tensorflow });
    expect(tfjs.residualVariance[0]).toBeLessThan(1.05 * onnx.residualVariance[0]);
    expect((await predictPrior(again, features)).values).toEqual((await predictPrior(tfjs, features)).values);
  });

  it("finds the package that is installed, on WebAssembly", async () => {
    const found = await loadTfjs();
    expect(["wasm", "tensorflow"]).toContain(found.getBackend());
  });
});

describe("the layers model", () => {
  const predicted = async (regressor: Regressor, { values, presence }: FeatureMatrix) => {
    const { model, weights } = regressorToLayers(regressor);
    const { modelTopology, weightsManifest } = JSON.parse(model);
    const [{ paths, weights: weightSpecs }] = weightsManifest;
    expect(paths).toEqual([LAYERS_WEIGHTS]);
    const loaded = await tensorflow.loadLayersModel({
      load: async () => ({ modelTopology, weightSpecs, weightData: weights.slice().buffer }),
    });
    const tensor = ({ rows, columns, values: numbers }: Matrix) => tensorflow.tensor2d(numbers, [rows, columns]);
    return loaded.predict([tensor(values), tensor(presence)]).data();
  };

  it.each([
    ["a ridge", { kind: "ridge" as const }],
    ["a network of two members", { kind: "mlp" as const, mlp: { ...mlp, epochs: 3 } }],
    ["a network of one member", { kind: "mlp" as const, mlp: { ...mlp, epochs: 3, members: 1, depth: 0 } }],
  ])("of %s takes raw features and gives what the regressor gives, blocks missing or not", async (_, options) => {
    const regressor = await fitRegressor(data, options);
    for (const batch of [features, featureBlocks(randomMatrix(random, 1, 6), shapes, () => false)]) {
      const expected = await predictPrior(regressor, batch);
      expect(largestDifference(Float32Array.from(await predicted(regressor, batch)), expected.values)).toBeLessThan(
        1e-5,
      );
    }
  });

  it("is refused for a kind that is no chain of layers", async () => {
    const regressor = await fitRegressor(data, { kind: "knn" });
    expect(() => regressorToLayers(regressor)).toThrow(/a knn is no chain of layers/);
  });
});
