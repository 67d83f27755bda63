/** The list of regressor kinds, and a kind from outside the library: fitted, chosen, bundled and exported like the built-in ones. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { afterAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { alsOptionsSchema } from "../../src/als/als-options.ts";
import type { Bundle } from "../../src/bundle/bundle.ts";
import { standardise } from "../../src/data/feature-matrix.ts";
import { ingestOptionsSchema } from "../../src/data/ingest/ingest-options.ts";
import { embeddingOptionsSchema } from "../../src/hybrid/embedding-options.ts";
import {
  type Catalog,
  extractFeatures,
  featureOptionsSchema,
  fitHybrid,
  fitRegressor,
  fitScoreAxes,
  loadBundle,
  type Matrix,
  predictPrior,
  type Regressor,
  type RegressorKind,
  regressorKinds,
  regressorToOnnx,
  saveBundle,
} from "../../src/index.ts";
import { createRandom } from "../../src/math/random.ts";
import { sameSetting } from "../../src/regressor/regressor.ts";
import { regressorOptionsSchemaWith } from "../../src/regressor/regressor-options.ts";
import { regressorDocument, regressorTensors } from "../../src/regressor/regressor-parts.ts";
import { largestDifference } from "../helpers/comparisons.ts";
import { featureBlocks } from "../helpers/feature-blocks.ts";
import { randomMatrix } from "../helpers/matrices.ts";
import { oneStep } from "../helpers/one-step-regressor.ts";
import { makeWorld } from "../helpers/world.ts";

const own = { regressorKinds: [oneStep] };
const random = createRandom(5);
const features = featureBlocks(randomMatrix(random, 50, 5), [
  { name: "text", dimension: 3 },
  { name: "image", dimension: 2 },
]);
const data = { features, factors: randomMatrix(random, 50, 2), support: new Uint32Array(50).fill(1) };

/** mean + rate / n sum_i (z'z_i) (y_i - mean), item after item. */
function oneStepOf({ standardisation }: Regressor, { columns, values }: Matrix, rate: number): number[] {
  const z = standardise(features, standardisation);
  const n = z.rows;
  const at = (m: Matrix, i: number) => Array.from(m.values.subarray(i * m.columns, (i + 1) * m.columns));
  const mean = Array.from(
    { length: columns },
    (_, d) => values.filter((_, p) => p % columns === d).reduce((a, b) => a + b) / n,
  );
  return Array.from({ length: n * columns }, (_, p) => {
    const [row, d] = [at(z, Math.floor(p / columns)), p % columns];
    const terms = Array.from({ length: n }, (_, i) => {
      const product = at(z, i).reduce((sum, value, j) => sum + value * row[j], 0);
      return product * (values[i * columns + d] - mean[d]);
    });
    return mean[d] + (rate / n) * terms.reduce((a, b) => a + b);
  });
}

describe("the list of kinds", () => {
  it("has every kind with a name and a way into the bundle and into ONNX", () => {
    expect(regressorKinds.map(({ name }) => name)).toEqual(["ridge", "kernel-ridge", "knn", "mlp"]);
    for (const kind of regressorKinds) expect([kind.storage, kind.onnx], kind.name).not.toContain(undefined);
  });
});

describe("a kind from outside", () => {
  it("is fitted by its name, at the best of its settings", async () => {
    const options = { kind: "one-step", oneStep: { rates: [0.2, 30] } };
    const regressor = await fitRegressor(data, options, own);
    expect(regressor.kind).toBe("one-step");
    expect(regressor.trials.map(({ kind, setting }) => [kind, setting])).toEqual([
      ["one-step", { rate: 0.2 }],
      ["one-step", { rate: 30 }],
    ]);
    const prior = await predictPrior(regressor, features);
    expect(largestDifference(prior.values, oneStepOf(regressor, data.factors, 0.2))).toBeLessThan(1e-5);
    const again = await fitRegressor(data, sameSetting(options, regressor), own);
    expect(regressorDocument({ ...again, trials: [] })).toEqual(regressorDocument({ ...regressor, trials: [] }));
  });

  it("takes part where the kind is chosen", async () => {
    const { trials } = await fitRegressor(data, { kind: "auto", kinds: ["ridge", "one-step"] }, own);
    expect(new Set(trials.map(({ kind }) => kind))).toEqual(new Set(["ridge", "one-step"]));
    expect(regressorOptionsSchemaWith(own).parse({}).kinds).toEqual([
      "ridge",
      "kernel-ridge",
      "knn",
      "mlp",
      "one-step",
    ]);
  });

  it("is written as an ONNX graph", async () => {
    const regressor = await fitRegressor(data, { kind: "one-step" }, own);
    const session = await InferenceSession.create(regressorToOnnx(regressor));
    const tensor = (m: Matrix) => new Tensor("float32", m.values, [m.rows, m.columns]);
    const { prior } = await session.run({ features: tensor(features.values), presence: tensor(features.presence) });
    await session.release();
    const expected = await predictPrior(regressor, features);
    expect(largestDifference(prior.data as Float32Array, expected.values)).toBeLessThan(1e-5);
  });

  it("is known for the length of a call alone", async () => {
    await fitRegressor(data, { kind: "one-step" }, own);
    await expect(fitRegressor(data, { kind: "one-step" })).rejects.toMatchObject({ code: "INVALID_OPTIONS" });
  });

  const refused: readonly (readonly [string, RegressorKind, string])[] = [
    ["a name that is taken", { ...oneStep, name: "knn" }, '"knn" is taken'],
    ["the name auto", { ...oneStep, name: "auto" }, '"auto" is taken'],
    ["another kind's option", { ...oneStep, options: { knn: z.number().default(1) } }, 'an option "knn"'],
    ["an option of every kind", { ...oneStep, options: { seed: z.number().default(1) } }, 'an option "seed"'],
  ];

  it.each(refused)("may not have %s", async (_what, kind, message) => {
    await expect(fitRegressor(data, {}, { regressorKinds: [kind] })).rejects.toMatchObject({
      code: "INVALID_OPTIONS",
      message: expect.stringContaining(message),
    });
  });

  it("without a graph or a storage is fitted all the same, and says what it lacks where a bundle asks", async () => {
    const { storage: _storage, onnx: _onnx, ...bare } = oneStep;
    const regressor = await fitRegressor(data, { kind: "one-step" }, { regressorKinds: [bare] });
    const lacks = (what: string) =>
      expect.objectContaining({ code: "INVALID_ARGUMENT", message: expect.stringContaining(what) });
    expect(() => regressorToOnnx(regressor)).toThrow(lacks("`onnx`"));
    expect(() => regressorDocument(regressor)).toThrow(lacks("`storage`"));
  });

  it("may not save a tensor under a name that every regressor has", async () => {
    const { fields, load } = oneStep.storage ?? {};
    if (fields === undefined || load === undefined) throw new Error("expected a storage");
    const save = () => ({ fields: { rate: 1 }, tensors: { mean: { shape: [1], values: new Float32Array(1) } } });
    const kind: RegressorKind = { ...oneStep, storage: { fields, load, save } };
    const regressor = await fitRegressor(data, { kind: "one-step" }, { regressorKinds: [kind] });
    expect(() => regressorTensors(regressor)).toThrow('a tensor "mean"');
  });
});

describe("a hybrid with a kind from outside", () => {
  const items = 60;
  const folders: string[] = [];
  afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

  async function makeBundle(): Promise<Bundle> {
    const rows = Array.from({ length: items }, (_, i) => i);
    const catalog: Catalog = {
      ids: rows.map(String),
      titles: rows.map((i) => `thing of kind ${i % 7}`),
      descriptions: rows.map((i) => `number ${i % 5}`),
      images: rows.map(() => null),
      attributes: [{ name: "price", kind: "price", values: Float64Array.from(rows, (i) => 1 + i) }],
    };
    const { interactions } = makeWorld(1, { users: 80, items, perUser: 7 });
    const featureOptions = featureOptionsSchema.parse({ lexical: { dimension: 4 } });
    const { features, space, encoderDigests } = await extractFeatures(catalog, featureOptions);
    const collaborative = { rank: 6, iterations: 4 };
    const regressor = { kind: "one-step", oneStep: { rates: [0.3, 0.6] } };
    const model = await fitHybrid(interactions, features, { collaborative, regressor }, own);
    const config = {
      data: ingestOptionsSchema.parse({
        interactions: { path: "events.csv", columns: { user: "user", item: "item" } },
        items: { path: "items.csv", columns: { id: "id" } },
      }),
      features: featureOptions,
      collaborative: alsOptionsSchema.parse(collaborative),
      regressor: regressorOptionsSchemaWith(own).parse(regressor),
      embeddings: embeddingOptionsSchema.parse({}),
    };
    const manifest = {
      dataset: "toy",
      config,
      fingerprint: "f".repeat(64),
      encoderDigests,
      metrics: [],
      tailDefault: 0,
    };
    const axes = await fitScoreAxes(model.userVectors, model.embeddings.vectors);
    return { catalog, userIds: rows.map(String), interactions, features, space, model, axes, manifest };
  }

  it("is trained, saved, and loaded by whoever names the kind", async () => {
    const bundle = await makeBundle();
    expect(bundle.model.regressor.kind).toBe("one-step");
    expect(bundle.model.settings.regressorKind).toBe("one-step");
    const folder = await mkdtemp(join(tmpdir(), "tailrec-kinds-"));
    folders.push(folder);
    await saveBundle(join(folder, "bundle"), bundle);
    const loaded = await loadBundle(join(folder, "bundle"), own);
    expect(loaded.model.regressor).toEqual(bundle.model.regressor);
    expect(loaded.manifest.config).toEqual(bundle.manifest.config);
    const priors = [bundle, loaded].map(({ model, features }) => predictPrior(model.regressor, features));
    expect(await priors[1]).toEqual(await priors[0]);
    await expect(loadBundle(join(folder, "bundle"))).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringMatching(/"one-step".*`regressorKinds`/),
    });
  });
});
