/** A ridge from sums in place of rows: that of all rows, whoever adds them up. */
import { describe, expect, it } from "vitest";
import { defaultBackend } from "../../../src/math/compute/backend.ts";
import { type Matrix, takeRows } from "../../../src/math/matrix.ts";
import { createRandom } from "../../../src/math/random.ts";
import { fitMomentRidge } from "../../../src/regressor/kinds/ridge/moment-ridge.ts";
import { applyRidgeMap, fitRidgeMaps } from "../../../src/regressor/kinds/ridge/ridge-regression.ts";
import { type AddUp, addMoments, addUpHere, momentsOf } from "../../../src/regressor/moments.ts";
import { prepareTask } from "../../../src/regressor/regression-task.ts";
import { fitRegressor, predictPrior, prepareRefits, type RegressionData } from "../../../src/regressor/regressor.ts";
import { regressorOptionsSchema } from "../../../src/regressor/regressor-options.ts";
import { squaredError } from "../../../src/regressor/residuals.ts";
import { largestDifference } from "../../helpers/comparisons.ts";
import { featureBlocks } from "../../helpers/feature-blocks.ts";
import { randomMatrix } from "../../helpers/matrices.ts";

const backend = defaultBackend();
const random = createRandom(4);
const [ITEMS, WIDTH, OUTPUTS] = [200, 9, 4];
const span = (n: number) => Array.from({ length: n }, (_, i) => i);

/** Factors that features explain but for noise, away from zero. */
function learnable(x: Matrix): Matrix {
  const slopes = randomMatrix(random, x.columns, OUTPUTS);
  const values = Float32Array.from({ length: x.rows * OUTPUTS }, (_, p) => {
    const [i, d] = [Math.floor(p / OUTPUTS), p % OUTPUTS];
    const sum = span(x.columns).reduce((s, j) => s + x.values[i * x.columns + j] * slopes.values[j * OUTPUTS + d], 0);
    return 3 + sum + 0.3 * (random.next() - 0.5);
  });
  return { rows: x.rows, columns: OUTPUTS, values };
}

const x = randomMatrix(random, ITEMS, WIDTH);
const y = learnable(x);
const support = span(ITEMS).map((i) => i % 7);
const features = featureBlocks(
  x,
  [
    { name: "text", dimension: 6 },
    { name: "image", dimension: 3, weight: 0.5 },
  ],
  (row, block) => block === 0 || row % 3 > 0,
);
const data: RegressionData = { features, factors: y, support };

describe("moments", () => {
  it.each([1, 3, 40])("of %d parts add up to the ridge of all rows, at every penalty", async (parts) => {
    const weights = Float64Array.from(span(ITEMS), (i) => 1 + (i % 5));
    const penalties = [1e-4, 0.1];
    const sums = await Promise.all(
      span(parts).map((part) => {
        const rows = span(ITEMS).filter((i) => i % parts === part);
        const own = {
          x: takeRows(x, rows),
          y: takeRows(y, rows),
          weights: weights.filter((_, i) => i % parts === part),
        };
        return momentsOf(own, backend);
      }),
    );
    const sum = sums.reduce((a, b) => addMoments(a, b));
    expect(sum.items).toBe(ITEMS);
    const maps = await fitMomentRidge(sum, penalties, backend);
    const exact = await fitRidgeMaps({ x, y, weights }, penalties, backend);
    for (const [p, map] of maps.entries()) {
      expect(largestDifference(map.weights.values, exact[p].weights.values)).toBeLessThan(1e-5);
      expect(largestDifference(map.intercept, exact[p].intercept)).toBeLessThan(1e-5);
    }
  });
});

describe("a ridge on more items than it may hold", () => {
  const options = { kind: "ridge", regularization: 0.01, supportExponent: 0.5 } as const;

  it("is the ridge of all of them", async () => {
    const [sampled, exact] = [
      await fitRegressor(data, { ...options, maximumItems: 50 }),
      await fitRegressor(data, options),
    ];
    const [mine, theirs] = [await predictPrior(sampled, features), await predictPrior(exact, features)];
    expect(largestDifference(mine.values, theirs.values)).toBeLessThan(1e-5);
  });

  it("learns other factors of the same items in later rounds", async () => {
    const other = learnable(x);
    const refit = prepareRefits(data, { ...options, maximumItems: 50 });
    const exact = await fitRegressor({ ...data, factors: other }, options);
    const { prior } = await refit(other);
    expect(largestDifference(prior.values, (await predictPrior(exact, features)).values)).toBeLessThan(1e-5);
  });

  it("asks for the sums of all training items, once, and is judged on items that its map has not seen", async () => {
    const asked: (readonly number[])[] = [];
    const addUp: AddUp = (request) => {
      asked.push(request.rows);
      return addUpHere(features, backend)(request);
    };
    const penalties = [1e-4, 1, 100];
    const parsed = regressorOptionsSchema.parse({ kind: "ridge", candidates: penalties, maximumItems: 50 });
    const fitted = await fitRegressor(data, { kind: "ridge", candidates: penalties, maximumItems: 50 }, { addUp });
    const training = span(ITEMS).filter((i) => support[i] > 0);
    expect(asked).toEqual([training]);
    const { task, standardisation } = prepareTask(data, parsed, backend, {});
    expect(task.items).toHaveLength(50);
    const heldOut = task.places.heldOut.map((place) => task.items[place]);
    const kept = training.filter((row) => !heldOut.includes(row));
    const whole = prepareTask(data, { ...parsed, maximumItems: ITEMS }, backend, {});
    expect(whole.standardisation).toEqual(standardisation);
    const inAll = new Map(whole.task.items.map((row, place) => [row, place]));
    const places = kept.map((row) => inAll.get(row) ?? -1);
    const set = {
      x: takeRows(whole.task.all.x, places),
      y: takeRows(y, kept),
      weights: new Float64Array(kept.length).fill(1),
    };
    const maps = await fitRidgeMaps(set, penalties, backend);
    const errors = await Promise.all(
      maps.map(async (map) => squaredError(await applyRidgeMap(map, task.heldOut.x, backend), task.heldOut.y)),
    );
    const trials = fitted.trials.map(({ error }) => error);
    for (const [p, error] of errors.entries()) expect(trials[p]).toBeCloseTo(error, 4);
  });

  it("takes a seeded sample where the sums cannot be told: with another seed, another fit", async () => {
    const knn = { kind: "knn", maximumItems: 50 } as const;
    const [one, again, other] = [
      await fitRegressor(data, knn),
      await fitRegressor(data, knn),
      await fitRegressor(data, { ...knn, seed: 2 }),
    ];
    const priors = await Promise.all([one, again, other].map((regressor) => predictPrior(regressor, features)));
    expect(priors[0].values).toEqual(priors[1].values);
    expect(largestDifference(priors[0].values, priors[2].values)).toBeGreaterThan(0);
  });
});
