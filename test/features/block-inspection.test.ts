import { describe, expect, it } from "vitest";
import type { Attribute } from "../../src/data/catalog.ts";
import { inspectBlocks } from "../../src/features/block-inspection.ts";
import type { EncodedBlock, EncodedCatalog } from "../../src/features/encode-catalog.ts";
import type { FeatureOptionsInput } from "../../src/features/feature-options.ts";
import { applyFeatureSpace, fitFeatureSpace } from "../../src/features/feature-space.ts";
import { createRandom } from "../../src/math/random.ts";
import { catalogOf } from "../encoders/encoding-fixtures.ts";

const rows = 60;
const titles = Array.from(
  { length: rows },
  (_, i) => `${["mug", "lamp", "bolt"][i % 3]} ${["red", "blue"][i % 2]} n${i % 7}`,
);
const fittedOn = Array.from({ length: 50 }, (_, i) => i);

/** Independent normal columns of the given deviations; every fifth item lacks the block. */
function encodedBlock(deviations: readonly number[]): EncodedBlock {
  const random = createRandom(3);
  const columns = deviations.length;
  const presence = Uint8Array.from({ length: rows }, (_, i) => (i % 5 === 4 ? 0 : 1));
  const values = Float32Array.from({ length: rows * columns }, (_, i) => deviations[i % columns] * random.normal());
  for (const [row, bit] of presence.entries()) if (bit === 0) values.fill(0, row * columns, (row + 1) * columns);
  return { encoder: "given", digest: "d", vectors: { rows, columns, values }, presence, reused: 0 };
}

async function inspect(options: FeatureOptionsInput, image: EncodedBlock | null, attributes: Attribute[] = []) {
  const catalog = catalogOf({ titles, attributes });
  const encoded: EncodedCatalog = { text: null, image, quarantine: [] };
  const space = await fitFeatureSpace(catalog, encoded, fittedOn, options);
  const features = await applyFeatureSpace(space, catalog, encoded);
  return inspectBlocks({ catalog, encoded, space, features, fittedOn, sample: 0, neighbours: 2 });
}

describe("inspectBlocks", () => {
  it("gives coverage, columns and the share of variance that a cut keeps", async () => {
    const image = encodedBlock([5, 4, 3, 1, 1]);
    const [block] = await inspect({ lexical: null, attributes: null, image: { components: 2 } }, image);
    expect(block).toMatchObject({ name: "image", source: "given", sourceDimension: 5, dimension: 2, coverage: 0.8 });
    // Of 25 + 16 + 9 + 1 + 1 in expectation.
    expect(block.explainedVariance).toBeGreaterThan(0.65);
    expect(block.explainedVariance).toBeLessThan(0.92);
  });

  it("says the same of a cut whether it is whitened or not", async () => {
    const image = encodedBlock([5, 4, 3, 1, 1]);
    const cut = { lexical: null, attributes: null };
    const [plain] = await inspect({ ...cut, image: { components: 2 } }, image);
    const [white] = await inspect({ ...cut, image: { components: 2, whitening: 1 } }, image);
    expect(white.explainedVariance).toBeCloseTo(plain.explainedVariance, 4);
    expect(white.effectiveDimension).toBeCloseTo(2, 3);
    expect(plain.effectiveDimension).toBeLessThan(2);
  });

  it("keeps everything where nothing is cut, and counts the directions of equal variance", async () => {
    const [block] = await inspect({ lexical: null, attributes: null, image: {} }, encodedBlock([2, 2, 2, 0.001]));
    expect(block.explainedVariance).toBe(1);
    expect(block.effectiveDimension).toBeGreaterThan(2.5);
    expect(block.effectiveDimension).toBeLessThan(3.01);
  });

  it("measures the lexical block against its TF-IDF rows", async () => {
    const [full] = await inspect({ lexical: { dimension: 50, minimumDocuments: 1 }, attributes: null }, null);
    expect([full.source, full.sourceDimension]).toEqual(["12 terms", 12]);
    expect(full.explainedVariance).toBeCloseTo(1, 4);
    const [cut] = await inspect({ lexical: { dimension: 2, minimumDocuments: 1 }, attributes: null }, null);
    expect(cut.explainedVariance).toBeLessThan(0.9);
  });

  it("lists the nearest items by cosine, never the item itself, and none for an item without the block", async () => {
    const price = { name: "price", kind: "price", values: Float64Array.from(titles, (_, i) => 1 + i) } as const;
    const blocks = await inspect({ lexical: { minimumDocuments: 1 }, attributes: {} }, null, [price]);
    const [lexical, attributes] = blocks;
    // Items 0 and 42 have the same words.
    expect(lexical.neighbours[0]).toMatchObject({ row: 42, score: expect.closeTo(1, 5) });
    expect(attributes.neighbours).toHaveLength(2);
    const image = encodedBlock([1, 1]);
    image.presence[0] = 0;
    const [missing] = await inspect({ lexical: null, attributes: null, image: {} }, image);
    expect(missing.neighbours).toEqual([]);
  });
});
