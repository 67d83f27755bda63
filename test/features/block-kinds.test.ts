/** The list of kinds of block, and kinds from outside the library: encoded, fitted, cut, bundled, reported and served like the built-in ones. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { inspectFeatures } from "../../src/experiment/checks/feature-inspection.ts";
import { checkSpace, defaultSpace } from "../../src/experiment/tuning/search-space.ts";
import { featureOptionsSchemaWith } from "../../src/features/feature-options.ts";
import { featureSpaceFromParts, featureSpaceToParts } from "../../src/features/feature-space-parts.ts";
import {
  applyFeatureSpace,
  type BlockKind,
  blockKinds,
  encodeCatalog,
  extractFeatures,
  featureOptionsSchema,
  fitFeatureSpace,
  fitHybrid,
  loadBundle,
  openRecommender,
  parsePipeline,
  pipelineJsonSchema,
  runPipeline,
} from "../../src/index.ts";
import { catalogOf } from "../encoders/encoding-fixtures.ts";
import { titleLength, titleLetters } from "../helpers/own-blocks.ts";
import { tinyExperiment } from "../helpers/tiny-experiment.ts";
import { makeWorld } from "../helpers/world.ts";

const own = { blockKinds: [titleLength] };
const titles = ["red lamp", "lamp", "a very blue mug", "mug", "kettle", ""];
const catalog = catalogOf({ titles });
const alone = { lexical: null, attributes: null };

describe("the list of kinds", () => {
  it("has every kind with its options, its words and a way into the bundle", () => {
    expect(blockKinds.map(({ name }) => name)).toEqual(["text", "lexical", "image", "attributes", "fields"]);
    expect(Object.keys(featureOptionsSchema.shape)).toEqual(blockKinds.map(({ name }) => name));
    for (const { storage, words, name } of blockKinds) {
      expect(storage, name).toBeDefined();
      expect(words.missing(catalog, 5), name).toMatch(/^no /);
    }
  });

  it("calls an item without text wordless for another reason than one whose words are unknown", () => {
    const lexical = blockKinds.find(({ name }) => name === "lexical");
    expect([0, 5].map((row) => lexical?.words.missing(catalog, row))).toEqual(["no known word", "no text"]);
  });

  const refused: readonly (readonly [string, BlockKind])[] = [
    ["a name that is taken", { ...titleLength, name: "lexical" }],
    ["a name that documents use", { ...titleLength, name: "whitened" }],
    ["a name that is no key", { ...titleLength, name: "title.length" }],
  ];

  it.each(refused)("lets no kind of one's own have %s", async (_what, kind) => {
    await expect(extractFeatures(catalog, {}, { blockKinds: [kind] })).rejects.toMatchObject({
      code: "INVALID_OPTIONS",
      message: expect.stringContaining(kind.name),
    });
  });
});

describe("a kind from outside", () => {
  it("is fitted on training rows and applied to any catalog", async () => {
    const encoded = await encodeCatalog(catalog, { titleLength: {}, ...alone }, own);
    const space = await fitFeatureSpace(catalog, encoded, [0, 1], { titleLength: {}, ...alone }, own);
    const { values, presence, blocks } = await applyFeatureSpace(space, catalog, encoded);
    expect(blocks).toEqual([{ name: "titleLength", kind: "titleLength", offset: 0, dimension: 1, weight: 1 }]);
    // Training titles have 2 and 1 words: mean 1.5, deviation .5.
    expect(Array.from(values.values)).toEqual([1, -1, 5, -1, -1, 0]);
    expect(Array.from(presence.values)).toEqual([1, 1, 1, 1, 1, 0]);
  });

  it("has its columns after the built-in ones, and its options among theirs", async () => {
    const options = { lexical: { dimension: 3, minimumDocuments: 1 }, titleLength: { weight: 2 } };
    const { features } = await extractFeatures(catalog, options, own);
    expect(features.blocks.map(({ name, offset, weight }) => [name, offset, weight])).toEqual([
      ["lexical", 0, 1],
      ["titleLength", 3, 2],
    ]);
    expect(featureOptionsSchemaWith(own).parse({})).toMatchObject({ titleLength: null });
    expect(JSON.stringify(pipelineJsonSchema(own))).toContain("length of the title");
    const misspelt: object = { titleLenght: {} };
    await expect(extractFeatures(catalog, misspelt, own)).rejects.toThrow('did you mean "titleLength"?');
  });

  it("is known for the length of a call alone", async () => {
    await extractFeatures(catalog, { titleLength: {} }, own);
    const options: object = { titleLength: {} };
    await expect(extractFeatures(catalog, options)).rejects.toMatchObject({ code: "INVALID_OPTIONS" });
  });

  it("teaches a hybrid", async () => {
    const { interactions } = makeWorld(1, { users: 60, items: 40, perUser: 6 });
    const named = catalogOf({ titles: Array.from({ length: 40 }, (_, i) => "word ".repeat(1 + (i % 5))) });
    const { features } = await extractFeatures(named, { ...alone, titleLength: {} }, own);
    const { embeddings, regressor } = await fitHybrid(interactions, features, { collaborative: { rank: 4 } });
    expect(regressor.standardisation.blocks.map(({ name }) => name)).toEqual(["titleLength"]);
    expect(embeddings.vectors.values.every(Number.isFinite)).toBe(true);
  });

  it("survives JSON and tensors, and is asked for by name where nobody gives it", async () => {
    const { space } = await extractFeatures(catalog, { titleLength: {} }, own);
    const { json, tensors } = featureSpaceToParts(space);
    const written = JSON.parse(JSON.stringify(json));
    expect(featureSpaceFromParts({ json: written, tensors }, own)).toEqual(space);
    expect(() => featureSpaceFromParts({ json: written, tensors })).toThrow("titleLength");
    const damaged = { ...written, titleLength: { mean: 1 } };
    expect(() => featureSpaceFromParts({ json: damaged, tensors }, own)).toThrow(
      expect.objectContaining({ code: "BUNDLE_CORRUPT", message: expect.stringContaining("titleLength: deviation") }),
    );
  });

  it("without a storage is fitted all the same, and says so where a bundle asks", async () => {
    const { storage: _storage, ...bare } = titleLength;
    const { space } = await extractFeatures(catalog, { titleLength: {} }, { blockKinds: [bare] });
    expect(() => featureSpaceToParts(space)).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT", message: expect.stringContaining("`storage`") }),
    );
  });
});

describe("a block of one's own encoder", () => {
  const letters = { blockKinds: [titleLetters] };

  it("takes what its function gives, cut to principal components like any block", async () => {
    const whole = await extractFeatures(catalog, { ...alone, titleLetters: {} }, letters);
    expect(whole.features.values.columns).toBe(26);
    // "mug": m, u and g once each.
    expect(Array.from(whole.features.values.values.subarray(3 * 26, 4 * 26)).reduce((a, b) => a + b)).toBe(3);
    const cut = await extractFeatures(catalog, { ...alone, titleLetters: { components: 2 } }, letters);
    expect(cut.features.values.columns).toBe(2);
    expect(cut.encoderDigests).toEqual({ letters: "letters 1" });
    const { json, tensors } = featureSpaceToParts(cut.space);
    expect(Object.keys(tensors)).toEqual(expect.arrayContaining(["titleLetters.mean", "titleLetters.axes"]));
    const written = JSON.parse(JSON.stringify(json));
    expect(featureSpaceFromParts({ json: written, tensors }, letters)).toEqual(cut.space);
  });

  it("puts inputs that it could not use into quarantine, and refuses vectors of another version", async () => {
    const odd = catalogOf({ titles: ["lamp", "123", ""] });
    const { quarantine, space } = await extractFeatures(odd, { ...alone, titleLetters: {} }, letters);
    expect(quarantine).toEqual([{ row: 1, block: "titleLetters", code: "UNREADABLE_INPUT", reason: "no letter" }]);
    const encoded = await encodeCatalog(odd, { titleLetters: {} }, letters);
    const other = { ...encoded, titleLetters: { ...Object(encoded).titleLetters, digest: "letters 2" } };
    await expect(applyFeatureSpace(space, odd, other)).rejects.toThrow(
      expect.objectContaining({ code: "MODEL_INVALID" }),
    );
  });
});

describe("a pipeline with a kind from outside", () => {
  const folders: string[] = [];
  afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

  async function pipeline(evaluation: string) {
    const folder = await mkdtemp(join(tmpdir(), "tailrec-blocks-"));
    folders.push(folder);
    const config = tinyExperiment(join(folder, "out"), evaluation);
    const features = featureOptionsSchemaWith(own).parse({ ...config.features, titleLength: { weight: 0.5 } });
    return { folder, config: { ...config, features } };
  }

  it("is parsed from its file by whoever gives the kind", () => {
    const text = `name: made
data: { interactions: { path: a.csv }, items: { path: b.csv } }
features: { titleLength: { weight: 3 } }
output: nowhere
`;
    expect(parsePipeline(text, "own.yaml", own).features).toMatchObject({ titleLength: { weight: 3 } });
    expect(() => parsePipeline(text, "own.yaml")).toThrow(/own\.yaml:3: .*titleLength/);
  });

  it("has its weight tuned like the others'", async () => {
    const { config } = await pipeline("{}");
    const space = defaultSpace(config, own);
    expect(space["features.titleLength.weight"]).toEqual(space["features.lexical.weight"]);
    checkSpace(space, config, own);
    expect(() => checkSpace({ "features.titleLenght.weight": [1] }, config, own)).toThrow('no "titleLenght"');
  });

  it("is inspected beside the others", async () => {
    const { config, folder } = await pipeline("{}");
    const { blocks } = await inspectFeatures(config, { neighbours: 1 }, { folder, ...own });
    expect(blocks.at(-1)).toMatchObject({ name: "titleLength", source: "words of the title", sourceDimension: 1 });
  });

  it("shows it in the report's figures, and serves it from the bundle", async () => {
    const { config, folder } = await pipeline("{ resamples: 100, models: [hybrid], warmTail: null }");
    await runPipeline(config, { folder, ...own });
    const { data, provenance } = z
      .object({
        data: z.object({ contents: z.array(z.object({ name: z.string(), dimensions: z.number().nullable() })) }),
        provenance: z.object({ settings: z.record(z.string(), z.unknown()) }),
      })
      .parse(JSON.parse(await readFile(join(folder, "out", "report.json"), "utf8")));
    expect(data.contents).toContainEqual(expect.objectContaining({ name: "titleLength", dimensions: 1 }));
    expect(provenance.settings.features).toBe("lexical, attributes, titleLength");
    expect(await readFile(join(folder, "out", "report.html"), "utf8")).toContain("titleLength");
    const bundle = join(folder, "out", "bundle");
    await expect(loadBundle(bundle)).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringMatching(/"titleLength".*`blockKinds`/),
    });
    const recommender = await openRecommender(bundle, own);
    const [a, b] = recommender.bundle.catalog.ids;
    const { explanation } = await recommender.explain(a, b);
    expect(explanation.lines).toContainEqual(expect.stringMatching(/^title lengths /));
    const { items } = await recommender.embed({
      items: [
        { id: "new", title: "word ".repeat(200) },
        { id: "bare", title: "" },
      ],
    });
    expect(items[0].caveats).toContain("unusually long title");
    expect(items[1].caveats).toContain("no title");
    await recommender.close();
  });
});
