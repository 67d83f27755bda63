/** The weight of unobserved pairs that the data call for. */
import { describe, expect, it } from "vitest";
import { fitAls } from "../../src/als/als.ts";
import { type AlsOptions, alsOptionsSchema } from "../../src/als/als-options.ts";
import { rowRegularization } from "../../src/als/half-sweep.ts";
import { timesUnobserved, withUnobservedWeight } from "../../src/als/unobserved-weight.ts";
import { createRandom } from "../../src/math/random.ts";
import { parseOptions } from "../../src/options.ts";
import { largestDifference } from "../helpers/comparisons.ts";
import { randomSparse } from "../helpers/matrices.ts";

const interactions = randomSparse(createRandom(5), 40, 25, 9);
const open = { unobservedWeight: "auto", confidenceScale: 2 } as const;

describe("the weight of unobserved pairs", () => {
  it("makes all pairs together weigh three times what the interactions do at their median weight", () => {
    const values = interactions.values.map((_, p) => [1, 2, 7][p % 3]);
    const { unobservedWeight } = withUnobservedWeight(open, { ...interactions, values });
    expect(unobservedWeight * 40 * 25).toBeCloseTo(3 * values.length * 2 * 2, 9);
  });

  it("is not moved by one pair that weighs a billion", () => {
    const heavy = { ...interactions, values: interactions.values.with(7, 1e9) };
    const [plain, moved] = [interactions, heavy].map((data) => withUnobservedWeight(open, data).unobservedWeight);
    expect(moved / plain).toBeGreaterThan(0.9);
    expect(moved / plain).toBeLessThan(1.1);
  });

  it("is 0 where there are no interactions", () => {
    const none = { ...interactions, indices: new Uint32Array(), values: new Float32Array() };
    expect(withUnobservedWeight(open, none).unobservedWeight).toBe(0);
  });

  it("is the option's where it is a number, 0 too", () => {
    for (const unobservedWeight of [0, 0.4])
      expect(withUnobservedWeight({ ...open, unobservedWeight }, interactions)).toEqual({ ...open, unobservedWeight });
  });

  it("makes factors the same in every unit of the weights", async () => {
    const larger = { ...interactions, values: interactions.values.map((weight) => 8 * weight) };
    const options = { rank: 5, iterations: 4, regularization: 0.03, unobservedWeight: "auto" } as const;
    const [small, large] = [await fitAls(interactions, options), await fitAls(larger, options)];
    expect(large.options.unobservedWeight).toBeCloseTo(8 * small.options.unobservedWeight, 6);
    expect(largestDifference(large.itemFactors.values, small.itemFactors.values)).toBeLessThan(1e-4);
  });
});

describe("times the weight of unobserved pairs", () => {
  const rowsOf = (options: AlsOptions) => {
    const resolved = withUnobservedWeight({ ...parseOptions(alsOptionsSchema, options, "als"), rank: 4 }, interactions);
    return rowRegularization(interactions, resolved);
  };

  it("regularises who did nothing as before, and every interaction by a share of what it was", () => {
    for (const given of [{}, { unobservedWeight: 0.2, regularization: 0.1, confidenceScale: 3 }]) {
      const times = timesUnobserved(given, interactions, 10);
      const [plain, weighed] = [rowsOf(given), rowsOf(times)];
      const { regularization = 0.03 } = given as AlsOptions;
      const confidence = sumsOf(interactions);
      const nothing = plain[0] - regularization * confidence[0];
      expect(times.regularization).toBeCloseTo(regularization / 10, 12);
      for (const [row, sum] of confidence.entries())
        expect(weighed[row]).toBeCloseTo(nothing + (regularization / 10) * sum, 9);
    }
  });

  it("leaves the options alone at 1", () => {
    const given = { rank: 7 };
    expect(timesUnobserved(given, interactions, 1)).toBe(given);
  });
});

function sumsOf({ rows, indptr, values }: typeof interactions): number[] {
  return Array.from({ length: rows }, (_, row) =>
    values.subarray(indptr[row], indptr[row + 1]).reduce((a, b) => a + b, 0),
  );
}
