/** The exported regressor, run by ONNX Runtime, against the one in this process. */
import { InferenceSession, Tensor } from "onnxruntime-node";
import { expect, it } from "vitest";
import type { FeatureMatrix } from "../../src/data/feature-matrix.ts";
import { fitFeatures } from "../../src/features/feature-space.ts";
import type { Matrix } from "../../src/math/matrix.ts";
import { createRandom } from "../../src/math/random.ts";
import { regressorToLayers } from "../../src/regressor/layers-export.ts";
import { regressorToOnnx } from "../../src/regressor/onnx-export.ts";
import { fitRegressor, predictPrior } from "../../src/regressor/regressor.ts";
import { catalogOf } from "../encoders/encoding-fixtures.ts";
import { largestDifference } from "../helpers/comparisons.ts";
import { featureBlocks } from "../helpers/feature-blocks.ts";
import { randomMatrix } from "../helpers/matrices.ts";

const tensor = ({ rows, columns, values }: Matrix) => new Tensor("float32", values, [rows, columns]);

async function runOnnx(model: Uint8Array, { values, presence }: FeatureMatrix) {
  const session = await InferenceSession.create(model);
  const { prior } = await session.run({ features: tensor(values), presence: tensor(presence) });
  const result = { dims: prior.dims, values: Array.from(prior.data as Float32Array) };
  await session.release();
  return result;
}

it("the exported regressor takes raw features and gives predictPrior's vectors, blocks missing or not, for any batch", async () => {
  const random = createRandom(8);
  const shapes = [
    { name: "text", dimension: 5, weight: 3 },
    { name: "image", dimension: 2 },
  ];
  const raw = randomMatrix(random, 50, 7);
  for (let p = 0; p < raw.values.length; p++) raw.values[p] = 4 + 0.5 * raw.values[p];
  const features = featureBlocks(raw, shapes, (row, block) => row % 3 !== block);
  const data = { features, factors: randomMatrix(random, 50, 6), support: new Uint32Array(50).fill(1) };
  const regressor = await fitRegressor(data, { regularization: 0.01 });
  const model = regressorToOnnx(regressor);
  for (const batch of [features, featureBlocks(randomMatrix(random, 1, 7), shapes, () => false)]) {
    const expected = await predictPrior(regressor, batch);
    const { dims, values } = await runOnnx(model, batch);
    expect(dims).toEqual([batch.values.rows, 6]);
    expect(largestDifference(values, expected.values)).toBeLessThan(1e-5);
  }
});

it("a ridge on sparse rows takes them as columns and values, filled up with zeros", async () => {
  const catalog = catalogOf({
    titles: Array.from({ length: 60 }, (_, i) => (i % 9 === 0 ? "" : `w${i % 7} w${i % 5} w${i % 3} w${i % 3}`)),
    attributes: [{ name: "price", kind: "price", values: Float64Array.from({ length: 60 }, (_, i) => 1 + (i % 11)) }],
  });
  const rows = [...catalog.ids.keys()];
  const options = { text: null, lexical: {}, image: null, attributes: null, fields: {} };
  const { features } = await fitFeatures(catalog, { quarantine: [] }, rows, options);
  const data = { features, factors: randomMatrix(createRandom(4), 60, 3), support: new Uint32Array(60).fill(1) };
  const regressor = await fitRegressor(data, { regularization: 0.01 });
  const { sparse } = features;
  if (sparse === undefined) throw new Error("fields are sparse");
  const length = Math.max(...rows.map((i) => sparse.indptr[i + 1] - sparse.indptr[i]));
  const [entries, entryValues] = [new BigInt64Array(60 * length), new Float32Array(60 * length)];
  for (const i of rows) {
    for (let p = sparse.indptr[i]; p < sparse.indptr[i + 1]; p++) {
      entries[i * length + p - sparse.indptr[i]] = BigInt(sparse.indices[p]);
      entryValues[i * length + p - sparse.indptr[i]] = sparse.values[p];
    }
  }
  const session = await InferenceSession.create(regressorToOnnx(regressor));
  const { prior } = await session.run({
    features: tensor(features.values),
    presence: tensor(features.presence),
    entries: new Tensor("int64", entries, [60, length]),
    entryValues: new Tensor("float32", entryValues, [60, length]),
  });
  await session.release();
  const expected = await predictPrior(regressor, features);
  expect(largestDifference(Array.from(prior.data as Float32Array), expected.values)).toBeLessThan(1e-5);
  expect(() => regressorToLayers(regressor)).toThrow("fit kind: mlp, or take its ONNX graph");
  const kernel = await fitRegressor(data, {
    kind: "kernel-ridge",
    regularization: 0.01,
    kernelRidge: { bandwidths: [1] },
  });
  expect(() => regressorToLayers(kernel)).toThrow(/no chain of layers; fit kind: ridge or mlp$/);
});

it("the same regressor is exported to the same bytes", async () => {
  const random = createRandom(2);
  const features = featureBlocks(randomMatrix(random, 20, 3), [{ name: "text", dimension: 3 }]);
  const data = { features, factors: randomMatrix(random, 20, 2), support: new Uint32Array(20).fill(1) };
  const [first, second] = [await fitRegressor(data), await fitRegressor(data)];
  expect(regressorToOnnx(second)).toEqual(regressorToOnnx(first));
});
