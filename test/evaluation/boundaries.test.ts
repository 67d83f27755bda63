import { describe, expect, it } from "vitest";
import type { Catalog } from "../../src/data/catalog.ts";
import { boundaryRates, boundarySchema, stopAtBoundaries } from "../../src/evaluation/boundaries.ts";
import { type Matrix, rowOf } from "../../src/math/matrix.ts";
import { createRandom } from "../../src/math/random.ts";

const items = 60;
const random = createRandom(3);
const genres = Array.from({ length: items }, (_, row) =>
  row % 10 === 0
    ? ["Children", "Horror"]
    : row % 3 === 0
      ? ["Children", "Comedy"]
      : row % 3 === 1
        ? ["Horror"]
        : ["Drama"],
);
const catalog: Catalog = {
  ids: genres.map((_, row) => `m${row}`),
  titles: genres.map((_, row) => `Film ${row}`),
  descriptions: genres.map(() => ""),
  images: genres.map(() => null),
  attributes: [{ name: "genres", kind: "category", values: genres }],
};
const vectors: Matrix = {
  rows: items,
  columns: 4,
  values: Float32Array.from({ length: items * 4 }, (_, i) => (i < 8 ? 0 : random.normal())),
};
const boundary = boundarySchema.parse({
  name: "children and horror",
  attribute: "genres",
  sides: { children: ["Children"], horror: ["Horror"] },
  maximum: 0.1,
});

describe("the folding check", () => {
  it("is the mean share of the ten nearest by cosine that lie on the other side", async () => {
    const [{ rate, items: asked, chance }] = await boundaryRates(boundary, catalog, { als: vectors });
    const sideOf = (row: number) => {
      const sides = ["Children", "Horror"].filter((genre) => genres[row].includes(genre));
      return sides.length === 1 ? sides[0] : "";
    };
    // The first two rows are zeros: like nothing, and no neighbours.
    const known = Array.from({ length: items - 2 }, (_, i) => i + 2);
    const sided = known.filter((row) => sideOf(row) !== "");
    const across = (row: number, others: readonly number[]) =>
      others.filter((other) => sideOf(other) !== "" && sideOf(other) !== sideOf(row)).length / others.length;
    const rates = sided.map((row) => {
      const others = known.filter((other) => other !== row);
      const nearest = others.sort((a, b) => cosine(row, b) - cosine(row, a)).slice(0, 10);
      return across(row, nearest);
    });
    const byChance = sided.map((row) =>
      across(
        row,
        known.filter((other) => other !== row),
      ),
    );
    expect(asked).toBe(sided.length);
    expect(rate).toBeCloseTo(mean(rates), 6);
    expect(chance).toBeCloseTo(mean(byChance), 6);
  });

  it("names the items with the most neighbours across", async () => {
    const [{ examples }] = await boundaryRates(boundary, catalog, { hybrid: vectors });
    expect(examples).toHaveLength(3);
    expect(examples[0]).toMatch(/^m\d+ "Film \d+" \(\d+ % across\)$/);
  });

  it("stops where the served vectors cross more often than allowed, and only they count", async () => {
    const rates = await boundaryRates(boundary, catalog, { als: vectors, hybrid: vectors });
    expect(() => stopAtBoundaries(rates)).toThrow(
      expect.objectContaining({ code: "BOUNDARY_CROSSED", message: expect.stringContaining("allowed 10 %") }),
    );
    expect(() => stopAtBoundaries(rates.filter((rate) => rate.vectors === "als"))).not.toThrow();
    expect(() => stopAtBoundaries(rates.map((rate) => ({ ...rate, maximum: null })))).not.toThrow();
  });

  it("says which attributes there are when the named one is none", async () => {
    await expect(boundaryRates({ ...boundary, attribute: "genre" }, catalog, { als: vectors })).rejects.toMatchObject({
      code: "INVALID_OPTIONS",
      message: expect.stringContaining("expected a category attribute (genres)"),
    });
  });

  it("has no rate where no item has a vector", async () => {
    const nothing = { ...vectors, values: new Float32Array(vectors.values.length) };
    expect(await boundaryRates(boundary, catalog, { als: nothing })).toMatchObject([{ rate: null, items: 0 }]);
  });
});

function cosine(a: number, b: number): number {
  const [x, y] = [rowOf(vectors, a), rowOf(vectors, b)];
  const dot = x.reduce((sum, value, i) => sum + value * y[i], 0);
  return dot / Math.hypot(...x) / Math.hypot(...y);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
