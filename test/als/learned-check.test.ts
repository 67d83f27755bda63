/** A model that learned nothing says so, in terms of the weights. */
import { describe, expect, it } from "vitest";
import { fitAls } from "../../src/als/als.ts";
import { settledAlsOptionsSchema } from "../../src/als/als-options.ts";
import { requireLearned } from "../../src/als/learned-check.ts";
import { makeWorld } from "../helpers/world.ts";

const { interactions } = makeWorld(2, { users: 60, items: 40, perUser: 8 });
const weighing = (weight: number) => ({ ...interactions, values: interactions.values.map(() => weight) });

describe("ALS on weights that are far from 1", () => {
  it.each(["exact", "cg"] as const)(
    "by %s refuses those that make every factor vanish, and says what to change",
    async (solver) => {
      for (const weight of [1e-3, 1e-6, 1e-20, 1e-38]) {
        await expect(fitAls(weighing(weight), { rank: 8, unobservedWeight: 0.1, solver })).rejects.toMatchObject({
          code: "NOT_ENOUGH_DATA",
          message: expect.stringMatching(/learned nothing: no score can exceed .* 480 interactions .* confidenceScale/),
        });
      }
    },
  );

  it("takes as a remedy the confidenceScale that it names", async () => {
    const scaled = await fitAls(weighing(2 ** -10), { rank: 8, unobservedWeight: 0.1, confidenceScale: 2 ** 10 });
    const plain = await fitAls(weighing(1), { rank: 8, unobservedWeight: 0.1 });
    expect(scaled.itemFactors).toEqual(plain.itemFactors);
  });

  it("fits the largest weights that float32 holds, alone or beside ones", async () => {
    for (const heavy of [
      interactions.values.map((_, p) => (p === 7 ? 1e30 : 1)),
      interactions.values.map(() => 1e30),
    ]) {
      const { userFactors, itemFactors } = await fitAls({ ...interactions, values: heavy }, { rank: 8 });
      expect([...userFactors.values, ...itemFactors.values].every(Number.isFinite)).toBe(true);
    }
  });
});

describe("factors that are no numbers", () => {
  it.each([Number.NaN, Number.POSITIVE_INFINITY])("(%d) are named as such, with the weights behind them", (broken) => {
    const factors = (value: number) => ({ rows: 1, columns: 2, values: Float32Array.of(1, value) });
    const options = settledAlsOptionsSchema.parse({ rank: 2, unobservedWeight: 0.1 });
    const check = () => requireLearned(factors(1), factors(broken), interactions, options);
    expect(check).toThrow(/not finite numbers; its 480 interactions have confidences .* from 1\.0 to 1\.0/);
    expect(() => requireLearned(factors(1), factors(1), interactions, options)).not.toThrow();
  });
});
