import { beforeAll, describe, expect, it } from "vitest";
import type { FeatureBlock } from "../../src/data/feature-matrix.ts";
import { type EncodedCatalog, encodeCatalog } from "../../src/features/encode-catalog.ts";
import { extractFeatures } from "../../src/features/extract-features.ts";
import { applyFeatureSpace, encoderDigests, fitFeatureSpace, fitFeatures } from "../../src/features/feature-space.ts";
import { featureSpaceFromParts, featureSpaceToParts } from "../../src/features/feature-space-parts.ts";
import { rowOf } from "../../src/math/matrix.ts";
import { catalogOf, cornerPicture, filesIn, nothingEncoded } from "../encoders/encoding-fixtures.ts";

const options = {
  text: { components: 4, weight: 2 },
  image: {},
  lexical: { dimension: 5 },
  attributes: { weight: 0.5 },
};

const titles = ["red lamp", "blue lamp", "red mug", "blue mug", "red kettle", ""];
const training = [0, 1, 2, 3];
let catalog: ReturnType<typeof catalogOf>;
let encoded: EncodedCatalog;

beforeAll(async () => {
  const pictures = await Promise.all(
    titles.map(async (_, i) => [
      `${i}.png`,
      await cornerPicture(20 + i, 20)
        .modulate({ hue: 40 * i })
        .png()
        .toBuffer(),
    ]),
  );
  const files = filesIn(Object.fromEntries(pictures));
  catalog = catalogOf({
    titles,
    images: [...Object.values(files).slice(0, 4), null, null],
    attributes: [
      { name: "brand", kind: "category", values: [["A"], ["A"], ["B"], ["B"], ["new"], []] },
      { name: "price", kind: "price", values: Float64Array.of(10, 20, 5, 8, 30, Number.NaN) },
    ],
  });
  encoded = await encodeCatalog(catalog, options);
});

describe("feature space", () => {
  it("puts blocks side by side with their offsets, weights and presence bits", async () => {
    const space = await fitFeatureSpace(catalog, encoded, training, options);
    const { blocks, values, presence } = await applyFeatureSpace(space, catalog, encoded);
    expect(blocks.map(({ kind, offset, weight }) => [kind, offset, weight])).toEqual([
      ["text", 0, 2],
      ["lexical", 3, 1],
      ["image", 6, 1],
      ["attributes", 262, 0.5],
    ]);
    expect(values.columns).toBe(265);
    expect([4, 5].map((row) => Array.from(rowOf(presence, row)))).toEqual([
      [1, 1, 0, 1],
      [0, 0, 0, 0],
    ]);
    expect(rowOf(values, 5).every((value) => value === 0)).toBe(true);
  });

  it("learns nothing from rows outside training, whatever they hold", async () => {
    const space = await fitFeatureSpace(catalog, encoded, training, options);
    const strange = {
      ...catalog,
      titles: titles.with(4, "zirconium mug mug mug"),
      attributes: [
        { name: "brand", kind: "category" as const, values: [["A"], ["A"], ["B"], ["B"], ["A", "C"], ["C"]] },
        { name: "price", kind: "price" as const, values: Float64Array.of(10, 20, 5, 8, 1e6, 4) },
      ],
    };
    const shifted = structuredClone(encoded);
    for (const block of [shifted.text, shifted.image]) rowOf(block!.vectors, 4).fill(9);
    expect(await fitFeatureSpace(strange, shifted, training, options)).toEqual(space);
  });

  it("survives JSON and tensors: the same space, the same features", async () => {
    const space = await fitFeatureSpace(catalog, encoded, training, options);
    const { json, tensors } = featureSpaceToParts(space);
    const loaded = featureSpaceFromParts({ json: JSON.parse(JSON.stringify(json)), tensors });
    expect(loaded).toEqual(space);
    expect(await applyFeatureSpace(loaded, catalog, encoded)).toEqual(await applyFeatureSpace(space, catalog, encoded));
  });

  it("survives with every option that adds to it, and places a new item alike", async () => {
    const everything = {
      text: { components: 4, whitening: 0.5 },
      image: { whitening: 0.3 },
      lexical: { dimension: 5, minimumDocuments: 1, characters: {}, whitening: 0.5 },
      attributes: { minimumCount: 1, poolRare: true, missingNumbers: "column", whitening: 0.5 },
    } as const;
    const space = await fitFeatureSpace(catalog, encoded, training, everything);
    const { json, tensors } = featureSpaceToParts(space);
    const loaded = featureSpaceFromParts({ json: JSON.parse(JSON.stringify(json)), tensors });
    expect(loaded).toEqual(space);
    const { values } = await applyFeatureSpace(loaded, catalog, encoded);
    expect(values).toEqual((await applyFeatureSpace(space, catalog, encoded)).values);
    expect(values.values.every(Number.isFinite)).toBe(true);
  });

  it("is read from bundles that knew none of these options", async () => {
    const space = await fitFeatureSpace(catalog, encoded, training, options);
    const { json, tensors } = featureSpaceToParts(space);
    interface Json extends Record<string, unknown> {
      readonly lexical: Record<string, unknown>;
      readonly attributes: readonly Record<string, unknown>[];
    }
    const { whitened, weights: _, lexical, attributes, fields: __, ...rest } = json as Json;
    const { characters, ...words } = lexical;
    const older = attributes.map((space) => {
      const { pooled, missing, ...known } = space;
      return known;
    });
    expect([whitened, characters]).toEqual([{ lexical: false, attributes: false, fields: false }, null]);
    expect(featureSpaceFromParts({ json: { ...rest, lexical: words, attributes: older }, tensors })).toEqual(space);
  });

  it("says BUNDLE_CORRUPT when a part or a tensor is missing", async () => {
    const { json, tensors } = featureSpaceToParts(await fitFeatureSpace(catalog, encoded, training, options));
    const read = (parts: unknown, names: readonly string[]) => () =>
      featureSpaceFromParts({ json: parts, tensors: Object.fromEntries(names.map((name) => [name, tensors[name]])) });
    expect(read({}, [])).toThrow(expect.objectContaining({ code: "BUNDLE_CORRUPT" }));
    expect(read(json, ["lexical.inverseFrequency", "text.mean", "text.axes"])).toThrow(
      'no tensor "lexical.projection"',
    );
  });

  it("places a new item like an equal item of the catalog", async () => {
    const space = await fitFeatureSpace(catalog, encoded, training, options);
    const newcomer = catalogOf({ titles: ["blue mug"], images: [catalog.images[3]], attributes: [] });
    const { values, presence } = await applyFeatureSpace(space, newcomer, await encodeCatalog(newcomer, options));
    const known = rowOf((await applyFeatureSpace(space, catalog, encoded)).values, 3);
    for (let j = 0; j < 262; j++) expect(values.values[j]).toBeCloseTo(known[j], 4);
    expect(Array.from(presence.values)).toEqual([1, 1, 1, 0]);
  });

  it("refuses vectors of another encoder, and an encoded catalog without the block", async () => {
    const space = await fitFeatureSpace(catalog, encoded, training, options);
    const other = { ...encoded, text: encoded.text && { ...encoded.text, digest: "other" } };
    await expect(applyFeatureSpace(space, catalog, other)).rejects.toThrow(
      expect.objectContaining({ code: "MODEL_INVALID" }),
    );
    await expect(fitFeatureSpace(catalog, nothingEncoded, training, options)).rejects.toThrow("without");
  });

  it("takes weights that were learnt before, where the options leave them open", async () => {
    const open = { ...options, lexical: { weight: "auto" }, image: { weight: "auto" } } as const;
    const weightsOf = async (weighed?: readonly FeatureBlock[]) => {
      const { features } = await fitFeatures(catalog, encoded, training, open, { weighed });
      return Object.fromEntries(features.blocks.map(({ name, weight }) => [name, weight]));
    };
    const { features } = await fitFeatures(catalog, encoded, training, open);
    const weighed = features.blocks.map((block, b) => ({ ...block, weight: 0.1 * (b + 1) }));
    const before = Object.fromEntries(weighed.map(({ name, weight }) => [name, weight]));
    expect(await weightsOf()).toEqual({ text: 2, lexical: 1, image: 1, attributes: 0.5 });
    expect(await weightsOf(weighed)).toEqual({
      text: 2,
      lexical: before.lexical,
      image: before.image,
      attributes: 0.5,
    });
  });

  it("names its encoders by digest", async () => {
    const space = await fitFeatureSpace(catalog, encoded, training, options);
    expect(Object.keys(encoderDigests(space))).toEqual(["tailrec-text-small", "tailrec-image-small"]);
  });
});

describe("extractFeatures", () => {
  it("is encode, fit and apply in one call, and by default needs no encoder", async () => {
    const { features, space, quarantine, encoderDigests } = await extractFeatures(
      catalog,
      {},
      { trainingRows: training },
    );
    expect(features).toEqual(await applyFeatureSpace(space, catalog, nothingEncoded));
    expect(features.blocks.map(({ kind }) => kind)).toEqual(["lexical", "attributes"]);
    expect([quarantine, encoderDigests]).toEqual([[], {}]);
  });

  it("reports an unknown option with the nearest name", async () => {
    const misspelt: object = { lexicl: {} };
    await expect(extractFeatures(catalog, misspelt)).rejects.toThrow('unknown key "lexicl", did you mean "lexical"?');
  });
});
