/** Features of trials that differ in the columns of a block, against fits at just those columns. */
import { describe, expect, it } from "vitest";
import { trialFeatures, widestFeatures } from "../../../src/experiment/tuning/trial-features.ts";
import { chooseBlocks } from "../../../src/features/feature-options.ts";
import { fitFeatures } from "../../../src/features/feature-space.ts";
import { defaultBackend } from "../../../src/math/compute/backend.ts";
import { createRandom } from "../../../src/math/random.ts";
import { catalogOf } from "../../encoders/encoding-fixtures.ts";
import { largestDifference } from "../../helpers/comparisons.ts";

const random = createRandom(5);
const texts = Array.from({ length: 90 }, () =>
  Array.from({ length: 8 }, () => `w${Math.floor(40 ** random.next())}`).join(" "),
);
const catalog = catalogOf({
  titles: texts,
  attributes: [{ name: "price", kind: "price", values: Float64Array.from(texts, (_, i) => 1 + i) }],
});
const rows = [...texts.keys()];
const space = { "features.lexical.dimension": [4, 24], "features.fields.dimension": [6, 24] };
const optionsOf = (lexical: number, fields: number | "auto") =>
  chooseBlocks({ lexical: { dimension: lexical }, fields: { dimension: fields }, attributes: {} }, {}).options;
const fitted = async (options: ReturnType<typeof optionsOf>) =>
  (await fitFeatures(catalog, { quarantine: [] }, rows, options)).features;

describe("features of trials", () => {
  it("are those of a fit at the trial's columns: same layout, same likeness of items in each block", async () => {
    const [own, narrow] = [await fitted(optionsOf(12, 12)), await fitted(optionsOf(4, 6))];
    const widest = await fitted(widestFeatures(optionsOf(12, 12), space, own.blocks));
    expect(widest.blocks.map(({ dimension }) => dimension)).toEqual([24, 1, 24]);
    const cut = trialFeatures(widest, optionsOf(4, 6), own.blocks);
    expect(cut.blocks).toEqual(narrow.blocks);
    expect(cut.sparse).toEqual(narrow.sparse);
    expect(cut.reduction?.columns).toBe(6);
    const likeness = ({ values }: typeof cut) => defaultBackend().multiplyTransposed(values, values);
    const [found, expected] = [await likeness(cut), await likeness(narrow)];
    expect(largestDifference(found.values, expected.values)).toBeLessThan(0.05 * Math.max(...expected.values));
  });

  it("keep as many columns as the pipeline's own where a trial says auto, and those of its options where it says nothing", async () => {
    const own = await fitted(optionsOf(12, "auto"));
    const widest = await fitted(widestFeatures(optionsOf(12, "auto"), space, own.blocks));
    expect(trialFeatures(widest, optionsOf(12, "auto"), own.blocks).blocks).toEqual(own.blocks);
  });
});
