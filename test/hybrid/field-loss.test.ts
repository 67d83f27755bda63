/** What a missing field costs: measured on held-out items, and never negative. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Catalog } from "../../src/data/catalog.ts";
import { partRanges } from "../../src/data/reduced-block.ts";
import { applyFeatureSpace, fitFeatures } from "../../src/features/feature-space.ts";
import { confidenceInPriors } from "../../src/hybrid/item-parts.ts";
import { createRandom } from "../../src/math/random.ts";
import { fitRegressor } from "../../src/regressor/regressor.ts";
import { catalogOf } from "../encoders/encoding-fixtures.ts";

const ITEMS = 300;
const TASTES = 5;
const RANK = 6;
const random = createRandom(9);
const taste = Array.from({ length: ITEMS }, () => random.integer(TASTES));
const levels = (values: readonly string[]) => values.map((value) => [value]);
/** The brand says an item's taste, the label half of the time, the colour never. */
const catalog = catalogOf({
  titles: taste.map(() => ""),
  attributes: [
    { name: "brand", kind: "category", values: levels(taste.map((t) => `brand ${t}`)) },
    {
      name: "label",
      kind: "category",
      values: levels(taste.map((t) => `label ${random.next() < 0.5 ? t : random.integer(TASTES)}`)),
    },
    { name: "colour", kind: "category", values: levels(taste.map(() => `colour ${random.integer(8)}`)) },
  ],
});
const nothing = { blocks: {}, quarantine: [] };
const options = { text: null, lexical: null, image: null, attributes: null, fields: {} };
const everyone = Array.from({ length: ITEMS }, (_, i) => i);
const { space, features } = await fitFeatures(catalog, nothing, everyone, options);
const means = Array.from({ length: TASTES * RANK }, () => random.normal());
const factors = {
  rows: ITEMS,
  columns: RANK,
  values: Float32Array.from({ length: ITEMS * RANK }, (_, p) => {
    const [item, d] = [Math.floor(p / RANK), p % RANK];
    return means[taste[item] * RANK + d] + 0.3 * random.normal();
  }),
};

/** The first item with some of its fields alone. */
function onlyWith(fields: readonly string[]): Catalog {
  const attributes = catalog.attributes.map((attribute) =>
    attribute.kind === "category"
      ? { ...attribute, values: [fields.includes(attribute.name) ? attribute.values[0] : []] }
      : attribute,
  );
  return { ...catalogOf({ titles: [""] }), attributes };
}

describe.each(["ridge", "kernel-ridge", "knn"] as const)("the loss of a missing field, by %s", async (kind) => {
  const support = new Uint32Array(ITEMS).fill(3);
  const { missingBlockInflation: inflation } = await fitRegressor({ features, factors, support }, { kind });
  const confidenceWith = async (fields: readonly string[]) =>
    confidenceInPriors(await applyFeatureSpace(space, onlyWith(fields), nothing), inflation)[0];

  it("is large for the field that tells, small for one that says nothing", () => {
    const names = partRanges(features.blocks).map(({ part }) => part.name);
    const lossOf = (name: string) => inflation[1 + names.indexOf(`attribute ${name}`)];
    expect(inflation.length).toBe(1 + names.length);
    expect(lossOf("brand")).toBeGreaterThan(1.5);
    expect(lossOf("colour")).toBeLessThan(lossOf("brand"));
    expect(inflation.every((loss) => loss >= 1)).toBe(true);
  });

  it("never lets fewer fields be trusted more", async () => {
    const names = ["brand", "label", "colour"];
    await fc.assert(
      fc.asyncProperty(fc.subarray(names), fc.subarray(names), async (fields, others) => {
        const fewer = fields.filter((name) => others.includes(name));
        expect(await confidenceWith(fewer)).toBeLessThanOrEqual(await confidenceWith(fields));
      }),
    );
    expect(await confidenceWith(names)).toBe(1);
    expect(await confidenceWith([])).toBeLessThan(await confidenceWith(["brand"]));
  });
});
