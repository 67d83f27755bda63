/** Whether there is content to know items by, told before any feature is fitted. */
import { describe, expect, it } from "vitest";
import type { Catalog } from "../../src/data/catalog.ts";
import { asksForContent } from "../../src/features/known-content.ts";
import { titleLength } from "../helpers/own-blocks.ts";

const WEB = "https://pictures.example/b.png";
const KIND = { name: "kind", kind: "category", values: [[], ["kettle"]] } as const;

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
    ["a category", { attributes: [KIND] }],
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

  const none = { text: null, image: null, lexical: null, attributes: null, fields: null };

  it("of ids may have content for a block of one's own that is asked for", () => {
    const own = { blockKinds: [titleLength] };
    const asked = { ...none, titleLength: {} };
    expect([asksForContent(bare, asked, own), asksForContent(bare, none, own)]).toEqual([true, false]);
  });

  it.each([
    ["pictures have none of titles", { image: {} }, { titles: ["Kettle", ""] }, false],
    ["pictures have one of a file", { image: {} }, { images: [null, "b.png"] }, true],
    ["pictures have none of addresses, which are not fetched unasked", { image: {} }, { images: [null, WEB] }, false],
    ["pictures have one of an address where it is asked for", { image: { urls: {} } }, { images: [null, WEB] }, true],
    ["texts have none of attributes", { text: {}, lexical: {} }, { attributes: [KIND] }, false],
    ["words have one of a description", { lexical: {} }, { descriptions: ["", "Boils"] }, true],
    ["attributes have none of titles", { attributes: {} }, { titles: ["Kettle", ""] }, false],
    ["attributes have one of a category", { attributes: {} }, { attributes: [KIND] }, true],
  ])("counts what the blocks read: %s", (_, blocks, known, expected) => {
    expect(asksForContent({ ...bare, ...known }, { ...none, ...blocks })).toBe(expected);
  });

  it("has none where no block is asked for", () => {
    expect(asksForContent({ ...bare, titles: ["Kettle", "Pan"] }, none)).toBe(false);
  });
});
