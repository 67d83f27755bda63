/** The bundle of a fitted model: whole round trip, equal bytes, and no damage unnoticed. */
import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { alsOptionsSchema } from "../../src/als/als-options.ts";
import { BUNDLE_FILES, type Bundle, loadBundle, saveBundle } from "../../src/bundle/bundle.ts";
import { goldenError } from "../../src/bundle/bundle-golden.ts";
import { loadBundleFiles, saveBundleFiles } from "../../src/bundle/bundle-store.ts";
import type { Catalog } from "../../src/data/catalog.ts";
import { featureRow } from "../../src/data/feature-matrix.ts";
import { decodeSafetensors, safetensorsParts } from "../../src/data/files/safetensors.ts";
import { ingestOptionsSchema } from "../../src/data/ingest/ingest-options.ts";
import { extractFeatures } from "../../src/features/extract-features.ts";
import { type FeatureOptionsInput, featureOptionsSchema } from "../../src/features/feature-options.ts";
import { embeddingOptionsSchema } from "../../src/hybrid/embedding-options.ts";
import { foldInUser } from "../../src/hybrid/fold-in-user.ts";
import { fitHybrid } from "../../src/hybrid/hybrid.ts";
import { embedNewItems } from "../../src/hybrid/new-items.ts";
import { fitScoreAxes } from "../../src/hybrid/score-axes.ts";
import { hasGraphs } from "../../src/math/compute/search/neighbour-graph.ts";
import { rowOf } from "../../src/math/matrix.ts";
import { createRandom } from "../../src/math/random.ts";
import { regressorToOnnx } from "../../src/regressor/onnx-export.ts";
import { predictPrior } from "../../src/regressor/regressor.ts";
import { type RegressorOptions, regressorOptionsSchema } from "../../src/regressor/regressor-options.ts";
import { createItemIndex } from "../../src/serving/ranking/item-index.ts";
import { recommendItems } from "../../src/serving/ranking/recommend.ts";
import { similarItems } from "../../src/serving/ranking/similar-items.ts";
import { largestDifference } from "../helpers/comparisons.ts";
import { asRidge } from "../helpers/regressors.ts";
import { makeWorld } from "../helpers/world.ts";

const bytesOf = (...content: Parameters<typeof safetensorsParts>) => Buffer.concat(safetensorsParts(...content));

/** Those of a bundle that is searched exactly. */
const plainFiles = BUNDLE_FILES.filter((name) => !name.endsWith(".graph"));

const items = 60;
const collaborative = { rank: 6, iterations: 4 };
let base: string;
let folder: string;
let bundle: Bundle;
let loaded: Bundle;

/** Texts and attributes of all kinds, with gaps and letters of many scripts. */
function makeCatalog(): Catalog {
  const random = createRandom(4);
  const words = ["red", "blue", "mug", "Kännchen", "lamp", "茶"];
  const pick = <T>(from: readonly T[]): T => from[random.integer(from.length)];
  const rows = Array.from({ length: items }, (_, i) => i);
  return {
    ids: rows.map((i) => `0${i}, "ü"`),
    titles: rows.map((i) => (i % 7 === 0 ? "" : `${pick(words)} ${pick(words)}`)),
    descriptions: rows.map((i) => (i % 14 === 0 ? "" : `${pick(words)}\n${pick(words)}`)),
    images: rows.map((i) => (i % 2 === 0 ? null : `/pictures/${i}.png`)),
    attributes: [
      { name: "brand", kind: "category", values: rows.map((i) => (i % 5 === 0 ? [] : [pick(["A", "B"]), "C"])) },
      { name: "price", kind: "price", values: Float64Array.from(rows, (i) => (i % 9 === 0 ? Number.NaN : 1 + i)) },
      { name: "size", kind: "number", values: Float64Array.from(rows, (i) => i - 30.5) },
    ],
  };
}

async function makeBundle(
  chosen: FeatureOptionsInput = { lexical: { dimension: 4 } },
  regressor: RegressorOptions = {},
): Promise<Bundle> {
  const catalog = makeCatalog();
  const world = makeWorld(1, { users: 80, items, perUser: 7 }).interactions;
  const interactions = { ...world, times: Float64Array.from(world.indices, (_, p) => (p % 3 === 0 ? Number.NaN : p)) };
  const featureOptions = featureOptionsSchema.parse(chosen);
  const { features, space, encoderDigests } = await extractFeatures(catalog, featureOptions);
  const model = await fitHybrid(interactions, features, {
    collaborative,
    regressor,
    embeddings: { lift: 0.5, contentLift: -0.4 },
  });
  const config = {
    data: ingestOptionsSchema.parse({
      interactions: { path: "events.csv", columns: { user: "user", item: "item" } },
      items: { path: "items.csv", columns: { id: "id" } },
    }),
    features: featureOptions,
    collaborative: alsOptionsSchema.parse(collaborative),
    regressor: regressorOptionsSchema.parse(regressor),
    embeddings: embeddingOptionsSchema.parse({}),
  };
  const metrics = [{ metric: "ndcg@10", value: 0.1 + 0.2, ci95: null }];
  const tailDefault = model.settings.tail;
  const manifest = { dataset: "shop", config, fingerprint: "f".repeat(64), encoderDigests, metrics, tailDefault };
  const userIds = Array.from({ length: 80 }, (_, u) => `user "${u}"`);
  const axes = await fitScoreAxes(model.userVectors, model.embeddings.vectors);
  const upkeep = {
    weightUnit: 2.5,
    timeForm: "epoch",
    fittedPairs: interactions.indices.length,
    updates: [{ digest: "0".repeat(64), pairs: 3, newItems: 1, newUsers: 0 }],
    userAttributes: [
      {
        name: "segment",
        kind: "category" as const,
        values: userIds.map((_, u) => (u % 3 === 0 ? [] : ["new", "old"])),
      },
      { name: "age", kind: "number" as const, values: Float64Array.from(userIds, (_, u) => (u % 4 ? u : Number.NaN)) },
    ],
  };
  return { catalog, userIds, interactions, features, space, model, axes, manifest, upkeep };
}

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), "tailrec-model-"));
  folder = join(base, "bundle");
  bundle = await makeBundle();
  await saveBundle(folder, bundle);
  loaded = await loadBundle(folder);
});

afterAll(() => rm(base, { recursive: true, force: true }));

async function digests(path: string): Promise<Record<string, string>> {
  const names = (await readdir(path)).sort();
  const digest = async (name: string) =>
    createHash("sha256")
      .update(await readFile(join(path, name)))
      .digest("hex");
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await digest(name)])));
}

describe("a bundle comes back", () => {
  it.skipIf(!hasGraphs())("keeps graphs of neighbours where the options ask for them", async () => {
    const { config } = bundle.manifest;
    const embeddings = { ...config.embeddings, search: "graph" as const };
    const place = join(base, "graphed");
    await saveBundle(place, { ...bundle, manifest: { ...bundle.manifest, config: { ...config, embeddings } } });
    const { graphs, model } = await loadBundle(place);
    expect(graphs?.vectors?.of).toBe(model.embeddings.vectors);
    expect(graphs?.vectors?.graph).toMatchObject({ rows: items, normExponent: bundle.manifest.tailDefault });
    expect(graphs?.similar?.graph).toMatchObject({ rows: items, normExponent: 0 });
    expect(loaded.graphs).toBeUndefined();
  });

  it("with its features, which may stay on the disk", async () => {
    const { features } = await loadBundle(folder, {}, { isServed: true });
    const { values, presence, blocks, sparse, reduction } = loaded.features;
    for (let i = 0; i < items; i++) expect(featureRow(features, i)).toEqual(rowOf(values, i));
    const { values: all, sparse: terms, reduction: map } = features;
    expect({ values: all, presence: features.presence, blocks: features.blocks }).toEqual({ values, presence, blocks });
    expect([terms, map]).toEqual([sparse, reduction]);
  });

  it("with its catalog, gaps and all", () => {
    expect(loaded.catalog).toEqual(bundle.catalog);
  });

  it("with what an update needs, and without it where it was made without", async () => {
    expect(loaded.upkeep).toEqual(bundle.upkeep);
    expect(loaded.model.itemSolve).toEqual(bundle.model.itemSolve);
    const { upkeep, ...earlier } = bundle;
    expect(upkeep).toBeDefined();
    await saveBundle(join(base, "earlier"), earlier);
    const { upkeep: none, model } = await loadBundle(join(base, "earlier"));
    expect([none, model.itemSolve]).toEqual([undefined, undefined]);
  });

  it("of an earlier version, whose ALS was that of the options", async () => {
    const { alsUnobservedWeight, alsRankTimes, ...settings } = bundle.model.settings;
    expect([alsUnobservedWeight, alsRankTimes]).toEqual([1, 1]);
    const earlier = { ...bundle.model, settings: settings as typeof bundle.model.settings };
    await saveBundle(join(base, "earlier-settings"), { ...bundle, model: earlier });
    const { model } = await loadBundle(join(base, "earlier-settings"));
    expect(model.settings).toEqual(bundle.model.settings);
  });

  it("with users, interactions, features and feature space", () => {
    expect(loaded.userIds).toEqual(bundle.userIds);
    expect(loaded.interactions).toEqual(bundle.interactions);
    expect(loaded.features).toEqual(bundle.features);
    expect(loaded.space).toEqual(bundle.space);
  });

  it("with its model: vectors, factors, regressor, lift, channel, and how its settings were chosen", () => {
    expect(loaded.model).toEqual(bundle.model);
  });

  it("with the axes of exported vectors", () => {
    expect(loaded.axes).toEqual(bundle.axes);
  });

  it("with its manifest", () => {
    expect(loaded.manifest).toEqual(bundle.manifest);
  });

  it("with the same similar items and the same recommendations", async () => {
    const lists = async ({ model }: Bundle) => {
      const index = createItemIndex(model.embeddings.vectors);
      const rows = Array.from({ length: items }, (_, row) => row);
      const similar = await Promise.all(rows.map((row) => similarItems(index, row)));
      const users = [0, 40, 79].map((u) => rowOf(model.userVectors, u));
      const recommended = await Promise.all(
        users.map((user) => recommendItems(index, user, { tail: model.settings.tail })),
      );
      return { similar, recommended };
    };
    expect(await lists(loaded)).toEqual(await lists(bundle));
  });

  it("with a regressor that predicts the same and embeds new items the same", async () => {
    const { model, features } = bundle;
    expect(await predictPrior(loaded.model.regressor, features)).toEqual(await predictPrior(model.regressor, features));
    expect(await embedNewItems(loaded.model, features)).toEqual(await embedNewItems(model, features));
  });

  it("with what it learnt of user attributes", async () => {
    const segments = Array.from({ length: bundle.interactions.rows }, (_, u) => [u % 2 === 0 ? "even" : "odd"]);
    const userAttributes = [{ name: "segment", kind: "category" as const, values: segments }];
    const { settings } = bundle.model;
    const model = await fitHybrid(
      bundle.interactions,
      bundle.features,
      { collaborative },
      { settings, userAttributes },
    );
    await saveBundle(join(base, "users"), { ...bundle, model });
    const again = await loadBundle(join(base, "users"));
    expect(again.model).toEqual(model);
    const someone = [{ name: "segment", kind: "category" as const, values: [["odd"]] }];
    const vectorOf = (from: Bundle["model"]) => foldInUser(from, [1], { attributes: someone });
    expect(await vectorOf(again.model)).toEqual(await vectorOf(model));
  });

  it("without a channel, without trials and without times too", async () => {
    const settings = { ...bundle.model.settings, channelWeight: 0 };
    const { times: _, ...interactions } = bundle.interactions;
    const model = await fitHybrid(interactions, bundle.features, { collaborative }, { settings });
    const plain = { ...bundle, interactions, model };
    await saveBundle(join(base, "plain"), plain);
    expect(await loadBundle(join(base, "plain"))).toEqual(plain);
  });
});

describe("a bundle of fields and a kernel on their sparse rows", () => {
  it("comes back whole, embeds new items the same, and has no graph, which export says", async () => {
    const options = { fields: {}, lexical: null, attributes: null };
    const sparse = await makeBundle(options, { kind: "kernel-ridge" });
    const place = join(base, "fields");
    await saveBundle(place, sparse);
    const again = await loadBundle(place);
    expect(again).toEqual(sparse);
    expect(await embedNewItems(again.model, again.features)).toEqual(
      await embedNewItems(sparse.model, sparse.features),
    );
    const golden = decodeSafetensors(await readFile(join(place, "golden.safetensors")), "golden.safetensors");
    expect(await goldenError(golden, again.model, again.features.blocks)).toBeLessThan(1e-5);
    expect(await readdir(place)).not.toContain("regressor.onnx");
    expect(() => regressorToOnnx(again.model.regressor)).toThrow("has no ONNX graph; fit kind: ridge");
  });
});

describe("the files of a bundle", () => {
  it("are the listed ones and the manifest", async () => {
    expect(await readdir(folder)).toEqual([...plainFiles, "manifest.json"].sort());
  });

  it("have the same bytes when the same bundle is saved again, and when what was loaded is", async () => {
    await saveBundle(join(base, "again"), bundle);
    await saveBundle(join(base, "loaded"), loaded);
    expect(await digests(join(base, "again"))).toEqual(await digests(folder));
    expect(await digests(join(base, "loaded"))).toEqual(await digests(folder));
  });

  it("hold the regressor as ONNX that gives the model's prior", async () => {
    const session = await InferenceSession.create(join(folder, "regressor.onnx"));
    const tensor = (matrix: typeof bundle.features.values) =>
      new Tensor("float32", matrix.values, [matrix.rows, matrix.columns]);
    const { prior } = await session.run({
      features: tensor(bundle.features.values),
      presence: tensor(bundle.features.presence),
    });
    expect(largestDifference(prior.data as Float32Array, bundle.model.prior.values)).toBeLessThan(1e-5);
    await session.release();
  });

  it("hold golden vectors that the loaded model computes without any error, and another model does not", async () => {
    const golden = decodeSafetensors(await readFile(join(folder, "golden.safetensors")), "golden.safetensors");
    const { model, features } = loaded;
    expect(golden.tensors.vectors.shape).toEqual([16, model.embeddings.vectors.columns]);
    expect(await goldenError(golden, model, features.blocks)).toBe(0);
    const ridge = asRidge(model.regressor);
    const other = { ...model, regressor: { ...ridge, intercept: ridge.intercept.map((value) => value + 0.25) } };
    expect(await goldenError(golden, other, features.blocks)).toBeGreaterThan(0.01);
  });
});

describe("a bundle is refused as BUNDLE_CORRUPT", () => {
  it.each([...plainFiles, "manifest.json"])("when a bit of %s is flipped", async (name) => {
    const path = join(folder, name);
    const bytes = await readFile(path);
    for (const place of [0, Math.floor(bytes.length / 2), bytes.length - 1]) {
      const damaged = Buffer.from(bytes);
      damaged[place] ^= 4;
      await writeFile(path, damaged);
      const refused = { code: "BUNDLE_CORRUPT", message: expect.stringContaining(name) };
      await expect(loadBundle(folder), `byte ${place}`).rejects.toMatchObject(refused);
      await expect(loadBundle(folder, {}, { isServed: true }), `byte ${place}`).rejects.toMatchObject(refused);
    }
    await writeFile(path, bytes);
    await expect(loadBundle(folder)).resolves.toBeDefined();
  });

  it.each([
    ["another document", "model.json", '{"rank":6}'],
    ["half a document", "model.json", "{"],
    ["numbers for users", "users.json", "[1]"],
    ["an item without title", "catalog.jsonl", '{"id":"1"}'],
    ["a line of prose", "catalog.jsonl", "item"],
    ["text for tensors", "vectors.safetensors", "not a tensor"],
    ["zeros for tensors", "model.safetensors", new Uint8Array(16)],
    ["no tensors", "interactions.safetensors", bytesOf({})],
    ["no tensors", "features.safetensors", bytesOf({})],
    ["no tensors", "model.safetensors", bytesOf({})],
    ["no tensors", "vectors.safetensors", bytesOf({})],
    ["a vector for a matrix", "space.safetensors", bytesOf({ x: { shape: [1], values: Float32Array.of(1) } })],
  ])("when its checksums are right but it holds %s (%s)", async (_case, name, content) => {
    const { manifest, names, read } = await loadBundleFiles(folder);
    const files = Object.fromEntries([...names].map((other) => [other, other === name ? content : read(other)]));
    await saveBundleFiles(join(base, "made"), { manifest, files });
    const refused = { code: "BUNDLE_CORRUPT", message: expect.stringMatching(`^${name}[^]*tailrec run`) };
    await expect(loadBundle(join(base, "made"))).rejects.toMatchObject(refused);
  });
});
