import fc from "fast-check";
import { expect, it } from "vitest";
import { popularItems } from "../../src/serving/ranking/popular-items.ts";

const groups = {
  centers: { rows: 2, columns: 2, values: Float32Array.of(1, 0, 0, 1) },
  counts: { rows: 3, columns: 4, values: Float32Array.of(5, 1, 1, 0, 0, 1, 6, 3, 2, 1, 4, 1) },
};

it("someone is shown what the nearest group takes, and a stranger what everybody takes; ties by row, nothing that nobody took", () => {
  const rows = (like?: Float32Array) => popularItems(groups, { like }).map(({ row }) => row);
  expect(rows(Float32Array.of(3, 1))).toEqual([0, 1, 2]);
  expect(rows(Float32Array.of(1, 3))).toEqual([2, 3, 1]);
  expect(rows()).toEqual([2, 0, 1, 3]);
});

it("excluded rows make room for the next", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(3)), fc.integer({ min: 1, max: 5 }), (exclude, count) => {
      const all = popularItems(groups).filter(({ row }) => !exclude.includes(row));
      expect(popularItems(groups, { exclude, count })).toEqual(all.slice(0, count));
    }),
  );
});
