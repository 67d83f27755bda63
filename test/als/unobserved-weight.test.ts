/** The weight of unobserved pairs that the data call for. */
import { describe, expect, it } from "vitest";
import { fitAls } from "../../src/als/als.ts";
import { withUnobservedWeight } from "../../src/als/unobserved-weight.ts";
import { createRandom } from "../../src/math/random.ts";
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
