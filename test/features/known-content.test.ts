/** Whether there is content to know items by, told before any feature is fitted. */
import { describe, expect, it } from "vitest";
import type { Catalog } from "../../src/data/catalog.ts";
import { asksForContent } from "../../src/features/known-content.ts";

const bare: Catalog = {
  ids: ["a", "b"],
  titles: ["", ""],
  descriptions: ["", ""],
  images: [null, null],
  attributes: [],
};

describe("a catalog", () => {
  it.each<[string, Partial<Catalog>]>([
    ["a title", { titles: ["", "Kettle"] }],
    ["a description", { descriptions: ["Boils", ""] }],
    ["a picture", { images: [null, "b.png"] }],
    ["a category", { attributes: [{ name: "kind", kind: "category", values: [[], ["kettle"]] }] }],
    ["a price", { attributes: [{ name: "price", kind: "price", values: Float64Array.of(Number.NaN, 3) }] }],
  ])("with %s has content", (_, known) => {
    expect(asksForContent({ ...bare, ...known }, {})).toBe(true);
  });

  it("of ids has none, nor one whose every column is empty", () => {
    const attributes = [
      { name: "kind", kind: "category", values: [[], []] },
      { name: "price", kind: "price", values: new Float64Array(2).fill(Number.NaN) },
    ] as const;
    expect([asksForContent(bare, {}), asksForContent({ ...bare, attributes }, {})]).toEqual([false, false]);
  });

  it("has none where no block is asked for", () => {
    const none = { text: null, image: null, lexical: null, attributes: null, fields: null };
    expect(asksForContent({ ...bare, titles: ["Kettle", "Pan"] }, none)).toBe(false);
  });
});
