/** Descriptive statistics against their definitions. */
import { describe, expect, it } from "vitest";
import { mean, quantile, standardDeviation } from "../../src/math/statistics.ts";

describe("statistics", () => {
  it("the mean of nothing is not a number, else the sum over the count", () => {
    expect(mean([])).toBeNaN();
    expect(mean(Float32Array.of(1, 2, 6))).toBe(3);
  });

  it("the standard deviation divides by n - 1", () => {
    expect(standardDeviation([2, 4, 4, 4, 5, 5, 7, 9])).toBeCloseTo(Math.sqrt(32 / 7), 12);
    expect(standardDeviation([5, 5, 5])).toBe(0);
  });

  it("quantiles interpolate between order statistics, as type 7 of Hyndman and Fan does", () => {
    const sorted = [1, 2, 4, 8];
    expect([0, 1 / 3, 0.5, 0.9, 1].map((q) => quantile(sorted, q))).toEqual([1, 2, 3, expect.closeTo(6.8, 12), 8]);
    expect(quantile([7], 0.3)).toBe(7);
  });
});
