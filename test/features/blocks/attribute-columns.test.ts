import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Attribute } from "../../../src/data/catalog.ts";
import { applyAttributes, fitAttributes } from "../../../src/features/blocks/attribute-columns.ts";
import { rowOf } from "../../../src/math/matrix.ts";
import { catalogOf } from "../../encoders/encoding-fixtures.ts";

const options = { minimumCount: 2, maximumLevels: 100, poolRare: false, missingNumbers: "mean" } as const;
const category = (name: string, ...values: string[][]): Attribute => ({ name, kind: "category", values });
const number = (name: string, kind: "number" | "price", ...values: number[]): Attribute => ({
  name,
  kind,
  values: Float64Array.from(values),
});
const withAttributes = (rows: number, ...attributes: Attribute[]) =>
  catalogOf({ titles: new Array<string>(rows).fill(""), attributes });

describe("attribute block", () => {
  it("has one column a level that enough training items have, none for rarer and unknown ones", () => {
    const catalog = withAttributes(5, category("brand", ["A"], ["B"], ["A"], ["B", "C"], ["D"]));
    const spaces = fitAttributes(catalog, [0, 1, 2, 3], options);
    expect(spaces).toEqual([{ name: "brand", kind: "category", levels: ["A", "B"], pooled: false }]);
    const { vectors, presence } = applyAttributes(spaces, catalog);
    expect([0, 1, 2, 3, 4].map((row) => Array.from(rowOf(vectors, row)))).toEqual([
      [1, 0],
      [0, 1],
      [1, 0],
      [0, 1],
      [0, 0],
    ]);
    expect(Array.from(presence)).toEqual([1, 1, 1, 1, 1]);
  });

  it("gives every level of a path its own column", () => {
    const catalog = withAttributes(3, category("path", ["Tools > Saws"], ["Tools > Saws"], ["Tools > Drills"]));
    const [space] = fitAttributes(catalog, [0, 1, 2], options);
    expect(space).toMatchObject({ levels: ["Tools", "Tools > Saws"] });
    expect(Array.from(applyAttributes([space], catalog).vectors.values)).toEqual([1, 1, 1, 1, 1, 0]);
  });

  it("pools what is rare or new into one column when asked to: not a path whose upper level is kept", () => {
    const values = [["A"], ["A"], ["B"], ["C"], ["A", "D"], ["A > X"], [], ["E"]];
    const catalog = withAttributes(8, category("brand", ...values));
    const [space] = fitAttributes(catalog, [0, 1, 2, 3, 4, 5, 6], { ...options, poolRare: true });
    expect(space).toMatchObject({ levels: ["A"], pooled: true });
    const { vectors } = applyAttributes([space], catalog);
    const pooled = values.map((_, row) => vectors.values[2 * row + 1]);
    expect(pooled).toEqual([0, 0, 1, 1, 1, 0, 0, 1]);
  });

  it("makes no pooled column for fewer rare items than a level needs", () => {
    const catalog = withAttributes(3, category("brand", ["A"], ["A"], ["B"]));
    expect(fitAttributes(catalog, [0, 1, 2], { ...options, poolRare: true })).toMatchObject([{ pooled: false }]);
  });

  it("says in a column of its own that a number is missing when asked to", () => {
    const catalog = withAttributes(5, number("size", "number", 1, 3, Number.NaN, Number.NaN, 2));
    const [space] = fitAttributes(catalog, [0, 1, 2, 3], { ...options, missingNumbers: "column" });
    const { vectors, presence } = applyAttributes([space], catalog);
    expect(vectors.columns).toBe(2);
    expect([0, 1, 2, 3, 4].map((row) => vectors.values[2 * row + 1])).toEqual([0, 0, 1, 1, 0]);
    expect(Array.from(presence)).toEqual([1, 1, 0, 0, 1]);
  });

  it("keeps the most frequent levels when there are more than allowed", () => {
    const catalog = withAttributes(6, category("tag", ["a", "b"], ["b", "c"], ["c", "b"], ["a"], ["d"], ["d"]));
    const [space] = fitAttributes(catalog, [0, 1, 2, 3, 4, 5], { ...options, minimumCount: 1, maximumLevels: 2 });
    expect(space).toMatchObject({ levels: ["a", "b"] });
  });

  it("brings numbers to mean 0 and deviation 1 on the training rows, and prices after ln(1 + price)", () => {
    const catalog = withAttributes(
      4,
      number("weight", "number", 1, 2, 3, 1e9),
      number("price", "price", 0, Math.E - 1, 5, 7),
    );
    const spaces = fitAttributes(catalog, [0, 1, 2], options);
    const { vectors } = applyAttributes(spaces, catalog);
    expect([0, 1, 2].map((row) => vectors.values[2 * row])).toEqual([-1, 0, 1]);
    expect(spaces[1]).toMatchObject({ mean: (0 + 1 + Math.log(6)) / 3 });
  });

  it("leaves the mean in place of missing numbers and of prices below 0; an item with nothing at all is missing", () => {
    const catalog = withAttributes(4, number("price", "price", 1, 9, -5, Number.NaN));
    const spaces = fitAttributes(catalog, [0, 1, 2, 3], options);
    const { vectors, presence } = applyAttributes(spaces, catalog);
    expect(Array.from(vectors.values.subarray(2))).toEqual([0, 0]);
    expect(Array.from(presence)).toEqual([1, 1, 0, 0]);
  });

  it("leaves out attributes without a training value, and encodes constant numbers to 0", () => {
    const none = number("none", "number", Number.NaN, Number.NaN, 4);
    const catalog = withAttributes(3, none, number("constant", "number", 3, 3, 3));
    const spaces = fitAttributes(catalog, [0, 1], options);
    expect(spaces.map(({ name }) => name)).toEqual(["constant"]);
    expect(Array.from(applyAttributes(spaces, catalog).vectors.values)).toEqual([0, 0, 0]);
  });

  it("reads a catalog that lacks an attribute, or has it as another kind, as if the values were missing", () => {
    const spaces = fitAttributes(withAttributes(2, number("size", "number", 1, 2)), [0, 1], options);
    for (const other of [withAttributes(1), withAttributes(1, category("size", ["1"]))]) {
      expect(applyAttributes(spaces, other)).toEqual({
        vectors: { rows: 1, columns: 1, values: Float32Array.of(0) },
        presence: Uint8Array.of(0),
      });
    }
  });

  it("gives finite values for any numbers", () => {
    fc.assert(
      fc.property(fc.array(fc.double(), { minLength: 1, maxLength: 8 }), (values) => {
        const bounded = values.map((value) => (Math.abs(value) > 1e150 ? Number.NaN : value));
        const catalog = withAttributes(
          values.length,
          number("x", "number", ...bounded),
          number("p", "price", ...values),
        );
        const spaces = fitAttributes(catalog, [...values.keys()], options);
        expect(applyAttributes(spaces, catalog).vectors.values.every(Number.isFinite)).toBe(true);
      }),
    );
  });
});
