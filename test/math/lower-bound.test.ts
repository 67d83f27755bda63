import { describe, expect, it } from "vitest";
import { lowerBound } from "../../src/math/lower-bound.ts";

describe("lowerBound", () => {
  it("counts the values below x, equal ones not among them, within the part asked for", () => {
    const ascending = [1, 2, 2, 5, 9];
    for (const x of [0, 1, 1.5, 2, 3, 5, 9, 10]) {
      expect(lowerBound(ascending, x)).toBe(ascending.filter((value) => value < x).length);
    }
    expect(lowerBound(ascending, 2, 2, 4)).toBe(2);
    expect(lowerBound(ascending, 7, 2, 4)).toBe(4);
    expect(lowerBound([], 1)).toBe(0);
  });
});
