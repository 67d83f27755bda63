import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fitBiasedMf, predictRating } from "../../../src/baselines/biased-mf.ts";
import { evaluateRatings, meanPredictors } from "../../../src/evaluation/metrics/ratings.ts";
import { createRandom } from "../../../src/math/random.ts";
import { sparse } from "../sparse.ts";

const bootstrap = { resamples: 200, seed: 1 };
const slices = [
  { name: "few", minimum: 0, maximum: 3 },
  { name: "many", minimum: 4, maximum: Number.POSITIVE_INFINITY },
];

function world(seed: number) {
  const random = createRandom(seed);
  const ratings = Array.from({ length: 25 }, (_, u) =>
    Array.from({ length: 12 }, (_, i) => (random.next() < 0.5 ? 3 + Math.sin(u) + Math.cos(2 * i) : 0)),
  );
  const held = ratings.map((row) => row.map(() => random.next() < 0.3));
  const side = (wanted: boolean) =>
    ratings.map((row, u) => row.map((rating, i) => (held[u][i] === wanted ? Math.fround(rating) : 0)));
  return { dense: { train: side(false), test: side(true) }, train: sparse(side(false)), test: sparse(side(true)) };
}

describe("errors of predicted ratings", () => {
  it("equal their definitions over the held-out pairs of a slice", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(1e6), async (seed) => {
        const { dense, train, test } = world(seed);
        const predict = (u: number, i: number) => 3 + ((u + 2 * i) % 3) / 2;
        const report = await evaluateRatings(
          { train, test, slices, predictors: [{ name: "odd", predict }] },
          bootstrap,
        );
        for (const slice of slices) {
          const support = (i: number) => dense.train.filter((row) => row[i] > 0).length;
          const errors = dense.test.flatMap((row, u) =>
            row.flatMap((rating, i) => {
              const isIn = support(i) >= slice.minimum && support(i) <= slice.maximum;
              return rating > 0 && isIn ? [{ u, error: rating - predict(u, i) }] : [];
            }),
          );
          const found = report.results.filter((result) => result.slice === slice.name);
          if (errors.length === 0) expect(found).toEqual([]);
          else {
            const [rmse, mae] = found;
            const mean = (of: (e: number) => number) =>
              errors.reduce((sum, { error }) => sum + of(error), 0) / errors.length;
            expect(rmse.value).toBeCloseTo(Math.sqrt(mean((e) => e * e)), 10);
            expect(mae.value).toBeCloseTo(mean(Math.abs), 10);
            expect(rmse.n).toBe(new Set(errors.map(({ u }) => u)).size);
            expect(rmse.ci95[0]).toBeLessThanOrEqual(rmse.value + 1e-9);
            expect(rmse.ci95[1]).toBeGreaterThanOrEqual(rmse.value - 1e-9);
          }
        }
      }),
      { numRuns: 20 },
    );
  });

  it("find biased-mf ahead of the item's mean, and that ahead of the mean, where tastes add up", async () => {
    const { train, test } = world(4);
    const model = fitBiasedMf(train, { rank: 2, epochs: 200, learningRate: 0.02 });
    const mf = { name: "biased-mf", predict: (u: number, i: number) => predictRating(model, u, i) };
    const { results, comparisons } = await evaluateRatings(
      { train, test, slices: [{ name: "all", minimum: 0, maximum: 99 }], predictors: [mf, ...meanPredictors(train)] },
      bootstrap,
    );
    const [a, b, c] = results.filter(({ metric }) => metric === "rmse").map(({ value }) => value);
    expect(a).toBeLessThan(0.5 * b);
    expect(b).toBeLessThan(c);
    for (const { ci95, adjustedP = 0, p } of comparisons) {
      expect(ci95[1]).toBeLessThan(0);
      expect(adjustedP).toBeGreaterThanOrEqual(p);
    }
  });

  it("refuse a prediction that is not finite, and nothing to predict", async () => {
    const { train, test } = world(1);
    const broken = [{ name: "broken", predict: () => Number.NaN }];
    await expect(evaluateRatings({ train, test, predictors: broken }, bootstrap)).rejects.toThrow(
      /"broken": expected a finite/,
    );
    const none = sparse([[0]]);
    await expect(evaluateRatings({ train, test: none, predictors: [] }, bootstrap)).rejects.toThrow(/no rating/);
  });
});
