import { expect, it } from "vitest";
import { likenessParts } from "../../src/data/feature-matrix.ts";
import { createInteractions } from "../../src/data/interactions.ts";
import { dataCard } from "../../src/report/data-card.ts";

const catalog = {
  ids: ["a", "b", "c", "d"],
  titles: ["", "", "", ""],
  descriptions: ["", "", "", ""],
  images: [null, null, null, null],
  attributes: [
    { name: "brand", kind: "category" as const, values: [["x"], [], ["y"], []] },
    { name: "price", kind: "price" as const, values: Float64Array.of(1, Number.NaN, 2, 3) },
  ],
};
const features = {
  values: { rows: 4, columns: 2, values: new Float32Array(8) },
  presence: { rows: 4, columns: 1, values: Float32Array.of(1, 0, 1, 1) },
  blocks: [{ name: "text", kind: "text" as const, offset: 0, dimension: 2, weight: 1 }],
};

it("the data card counts what the data hold", () => {
  const users = [0, 1, 2, 3, 4, 0, 1, 0];
  const items = [0, 0, 0, 0, 0, 1, 1, 2];
  const met = createInteractions(5, 4, { users, items, values: users.map(() => 1) });
  expect(dataCard(met, catalog, features)).toEqual({
    users: 5,
    items: 4,
    interactions: 8,
    density: 8 / 20,
    medianItemSupport: 1.5,
    medianUserInteractions: 1,
    topTenthShare: 5 / 8,
    ranges: [
      { name: "cold", items: 1, interactions: 0 },
      { name: "1-3", items: 2, interactions: 3 },
      { name: "4-10", items: 1, interactions: 5 },
      { name: "11-20", items: 0, interactions: 0 },
      { name: "21+", items: 0, interactions: 0 },
    ],
    popularity: [
      { place: 1, support: 5 },
      { place: 2, support: 2 },
      { place: 3, support: 1 },
      { place: 4, support: 0 },
    ],
    contents: [
      { name: "text", items: 3, dimensions: 2 },
      { name: "attribute brand", items: 2, dimensions: 0 },
      { name: "attribute price", items: 3, dimensions: 0 },
    ],
    likeness: [{ name: "text", share: 1 }],
  });
});

it("likeness rests on the squares of the weights, and of a block with parts on its parts", () => {
  const [text] = features.blocks;
  const parts = [
    { name: "title", share: 0.75 },
    { name: "attribute brand", share: 0.25 },
  ];
  const blocks = [
    { ...text, weight: 2 },
    { ...text, name: "fields", weight: 1, parts },
  ];
  expect(likenessParts(blocks)).toEqual([
    { name: "text", share: 0.8 },
    { name: "title", share: 0.2 * 0.75 },
    { name: "attribute brand", share: 0.2 * 0.25 },
  ]);
  expect(likenessParts([{ ...text, weight: 0 }])).toEqual([{ name: "text", share: 0 }]);
});
