/** What holds for every kind of regressor, in one suite. */
import { InferenceSession, Tensor } from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import type { FeatureMatrix } from "../../src/data/feature-matrix.ts";
import { decodeSafetensors, matrixNamed, safetensorsParts } from "../../src/data/files/safetensors.ts";
import { type ComputeBackend, defaultBackend } from "../../src/math/compute/backend.ts";
import { createNativeBackend } from "../../src/math/compute/native/native-backend.ts";
import { createReferenceBackend } from "../../src/math/compute/reference/reference-backend.ts";
import { type Matrix, rowOf } from "../../src/math/matrix.ts";
import { createRandom } from "../../src/math/random.ts";
import { regressorToOnnx } from "../../src/regressor/onnx-export.ts";
import {
  atSetting,
  fitRegressor,
  predictPrior,
  refitRegressor,
  reportRegressor,
  sameSetting,
  settingOf,
} from "../../src/regressor/regressor.ts";
import { regressorKinds } from "../../src/regressor/regressor-kinds.ts";
import type { RegressorOptions } from "../../src/regressor/regressor-options.ts";
import {
  regressorDocument,
  regressorDocumentSchema,
  regressorFromParts,
  regressorTensors,
} from "../../src/regressor/regressor-parts.ts";
import { squaredError } from "../../src/regressor/residuals.ts";
import { dot, largestDifference } from "../helpers/comparisons.ts";
import { featureBlocks } from "../helpers/feature-blocks.ts";
import { randomMatrix } from "../helpers/matrices.ts";

const bytesOf = (...content: Parameters<typeof safetensorsParts>) => Buffer.concat(safetensorsParts(...content));

const items = 300;
const warm = 200;
const random = createRandom(5);
const shapes = [
  { name: "text", dimension: 4, weight: 2 },
  { name: "image", dimension: 3 },
];
const raw = randomMatrix(random, items, 7);
const complete = featureBlocks(raw, shapes);
const holed = featureBlocks(raw, shapes, (row, block) => row % 7 !== block);
const map = randomMatrix(random, 3, 7);
/** Linear in the features, with a little noise. */
const factors: Matrix = {
  rows: items,
  columns: 3,
  values: Float32Array.from({ length: items * 3 }, (_, p) => {
    const linear = dot(rowOf(raw, Math.floor(p / 3)), rowOf(map, p % 3));
    return linear + 0.05 * random.normal();
  }),
};
/** The last items are cold. */
const support = Uint32Array.from({ length: items }, (_, i) => (i < warm ? 1 + (i % 5) : 0));
const metric = { rows: 3, columns: 3, values: Float64Array.of(2, 0.5, 0, 0.5, 1, 0, 0, 0, 0.3) };
const columnless = featureBlocks(
  { ...raw, columns: 0, values: new Float32Array() },
  shapes.map(({ name }) => ({ name, dimension: 0 })),
);
const data = { features: holed, factors, support, metric };

const mlp = { width: 16, depth: 1, maximumEpochs: 6, members: 2, batch: 64 };
const kinds: readonly (readonly [string, RegressorOptions, number])[] = [
  ["ridge", { kind: "ridge" }, 0.1],
  ["kernel-ridge, linear", { kind: "kernel-ridge", kernelRidge: { forms: ["linear"] } }, 0.1],
  ["kernel-ridge, cosine", { kind: "kernel-ridge", kernelRidge: { forms: ["cosine"] } }, 0.5],
  ["kernel-ridge, rbf", { kind: "kernel-ridge", kernelRidge: { forms: ["rbf"] } }, 0.3],
  [
    "kernel-ridge, a sum by block",
    { kind: "kernel-ridge", kernelRidge: { forms: ["linear", "rbf"], blockForms: { image: ["cosine"] } } },
    0.5,
  ],
  [
    "kernel-ridge, landmarks",
    { kind: "kernel-ridge", kernelRidge: { forms: ["rbf"], maximumTeachers: 50, landmarks: 60 } },
    0.4,
  ],
  ["knn", { kind: "knn" }, 0.7],
  ["mlp", { kind: "mlp", mlp }, 0.1],
  ["auto", { kind: "auto", mlp }, 0.1],
];

/** Squared error over that of the mean, on complete cold items. */
async function coldError(options: RegressorOptions): Promise<number> {
  const regressor = await fitRegressor({ ...data, features: complete }, options);
  const prior = await predictPrior(regressor, complete);
  const cold = (matrix: Matrix) => ({ ...matrix, rows: items - warm, values: matrix.values.subarray(warm * 3) });
  const nothing = { ...factors, values: factors.values.map(() => 0) };
  return squaredError(cold(prior), cold(factors)) / squaredError(cold(nothing), cold(factors));
}

async function runOnnx(model: Uint8Array, { values, presence }: FeatureMatrix): Promise<Float32Array> {
  const session = await InferenceSession.create(model);
  const tensor = (m: Matrix) => new Tensor("float32", m.values, [m.rows, m.columns]);
  const { prior } = await session.run({ features: tensor(values), presence: tensor(presence) });
  await session.release();
  if (prior.data instanceof Float32Array) return prior.data;
  throw new Error("expected float32");
}

it("the suite holds every kind of the list", () => {
  const held = kinds.map(([, { kind }]) => kind);
  expect(held).toEqual(expect.arrayContaining(regressorKinds.map(({ name }) => name)));
});

describe.each(kinds)("%s", (_name, options, share) => {
  it("predicts items that trained nothing, in a linear world", async () => {
    expect(await coldError(options)).toBeLessThan(share);
  });

  it("predicts finite factors for items without a block, or without any", async () => {
    const regressor = await fitRegressor(data, options);
    const empty = featureBlocks(raw, shapes, () => false);
    const [holes, nothing] = [await predictPrior(regressor, holed), await predictPrior(regressor, empty)];
    expect([...holes.values, ...nothing.values].every(Number.isFinite)).toBe(true);
    expect(Array.from(rowOf(nothing, 0))).toEqual(Array.from(rowOf(nothing, items - 1)));
  });

  it.each([
    ["one item to learn from", 1, holed],
    ["three", 3, holed],
    ["items that are all alike", warm, featureBlocks({ ...raw, values: raw.values.map(() => 0.5) }, shapes)],
    ["items without a block", warm, featureBlocks(raw, shapes, () => false)],
    ["no columns", warm, columnless],
  ])("is finite where there is little to learn: %s", async (_words, count, features) => {
    const few = support.map((n, row) => (row < count ? n : 0));
    const regressor = await fitRegressor({ ...data, support: few, features }, options);
    const { values } = await predictPrior(regressor, features);
    expect(values.every(Number.isFinite)).toBe(true);
    expect(regressor.residualVariance.every(Number.isFinite)).toBe(true);
  });

  it("says its held-out error by dimension, and what a missing block adds to it", async () => {
    const { residualVariance: variance, missingBlockInflation, trials } = await fitRegressor(data, options);
    expect(variance).toHaveLength(3);
    expect(variance.every((value) => value > 0 && Number.isFinite(value))).toBe(true);
    expect(missingBlockInflation.every((value) => value >= 1)).toBe(true);
    expect(missingBlockInflation[0]).toBeGreaterThan(1.1);
    expect(trials.length).toBeGreaterThan(0);
  });

  it("gives the same bytes for the same seed", async () => {
    const again = await fitRegressor(data, options);
    expect(again).toEqual(await fitRegressor(data, options));
  });

  it("keeps its setting when it is fitted again", async () => {
    const first = await fitRegressor(data, options);
    const again = await fitRegressor(data, sameSetting(options, first));
    const { trials: _trials, ...rest } = again;
    expect(regressorDocument({ ...again, trials: [] })).toEqual(regressorDocument({ ...first, trials: [] }));
    expect(rest.kind).toBe(first.kind);
    expect(again.trials).toHaveLength(1);
    const refitted = await refitRegressor(data, sameSetting(options, first));
    expect(refitted).not.toHaveProperty("residualVariance");
    expect(await reportRegressor(refitted, data, sameSetting(options, first))).toEqual(again);
  });

  it("keeps it as plain values apart from its options", async () => {
    const first = await fitRegressor(data, options);
    const at = (fixed: RegressorOptions) =>
      fitRegressor(data, atSetting(options, JSON.parse(JSON.stringify(settingOf(first, fixed)))));
    expect(await at({ ...options, regularization: 1 })).toEqual(await fitRegressor(data, sameSetting(options, first)));
    const { trials } = await at({ ...options, regularization: "auto", candidates: [10, 1e-3, 1e-4] });
    expect(trials.length).toBeLessThanOrEqual(2);
  });

  it("survives its JSON document and its tensors", async () => {
    const regressor = await fitRegressor(data, options);
    const file = decodeSafetensors(bytesOf(regressorTensors(regressor)), "file");
    const reader = {
      matrix: (name: string) => matrixNamed(file, name, "file"),
      values: (name: string) => file.tensors[name].values,
    };
    const document = regressorDocumentSchema().parse(JSON.parse(JSON.stringify(regressorDocument(regressor))));
    expect(regressorFromParts(document, reader, holed.blocks)).toEqual(regressor);
  });

  it("is exported as ONNX with its standardisation inside", async () => {
    const regressor = await fitRegressor(data, options);
    const model = regressorToOnnx(regressor);
    expect(regressorToOnnx(regressor)).toEqual(model);
    for (const batch of [holed, featureBlocks(randomMatrix(random, 1, 7), shapes, () => false)]) {
      const expected = await predictPrior(regressor, batch);
      expect(largestDifference(await runOnnx(model, batch), expected.values)).toBeLessThan(1e-4);
    }
  });
});

const threaded = (["reference", "native"] as const).filter(
  (name) => name === "reference" || defaultBackend().name === "native",
);

describe.each(threaded)("the %s kernel", (name) => {
  const make = (threads: number): ComputeBackend =>
    name === "native" ? createNativeBackend({ threads }) : createReferenceBackend({ threads });
  const [one, three] = [make(1), make(3)];

  it.each(kinds)("%s: the same bytes for any number of threads", async (_name, options) => {
    const first = await fitRegressor(data, options, { backend: one });
    const second = await fitRegressor(data, options, { backend: three });
    expect(second).toEqual(first);
    expect(await predictPrior(second, holed, three)).toEqual(await predictPrior(first, holed, one));
  });
});

it("documents of the first format, with a ridge only, are read as they were meant", () => {
  const old = { kind: "ridge", regularization: 0.1, trials: [{ regularization: 0.1, error: 2 }] };
  const trials = [{ kind: "ridge", setting: { regularization: 0.1 }, error: 2 }];
  expect(regressorDocumentSchema().parse(old)).toEqual({ ...old, trials });
});
