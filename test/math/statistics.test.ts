/** Descriptive statistics against their definitions. */
import { describe, expect, it } from "vitest";
import { mean, pearson, quantile, standardDeviation } from "../../src/math/statistics.ts";

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

  it("correlation is that of the standard scores: 1 for a rising line, -1 for a falling one, NaN for a constant", () => {
    const a = [1, 3, 2, 5];
    const b = [2, 1, 4, 3];
    const scores = (values: readonly number[]) =>
      values.map((value) => (value - mean(values)) / standardDeviation(values));
    const expected = scores(a).reduce((sum, score, i) => sum + (score * scores(b)[i]) / 3, 0);
    expect(pearson(a, b)).toBeCloseTo(expected, 12);
    expect(
      pearson(
        a,
        a.map((value) => 3 * value - 7),
      ),
    ).toBeCloseTo(1, 12);
    expect(
      pearson(
        a,
        a.map((value) => -value),
      ),
    ).toBeCloseTo(-1, 12);
    expect(pearson(a, [2, 2, 2, 2])).toBeNaN();
  });
});
