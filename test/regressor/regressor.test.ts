/** The regressor f: features -> factors, its penalty, its weights and what it says of its own errors. */
import { describe, expect, it } from "vitest";
import { type FeatureMatrix, standardise } from "../../src/data/feature-matrix.ts";
import { type Matrix, rowOf, zeros64 } from "../../src/math/matrix.ts";
import { createRandom } from "../../src/math/random.ts";
import { fitRegressor, predictPrior, type RegressionData } from "../../src/regressor/regressor.ts";
import type { RegressorOptions } from "../../src/regressor/regressor-options.ts";
import { dot, largestDifference } from "../helpers/comparisons.ts";
import { featureBlocks } from "../helpers/feature-blocks.ts";
import { denseSolve, randomMatrix } from "../helpers/matrices.ts";
import { asRidge } from "../helpers/regressors.ts";

const items = 60;
const random = createRandom(12);
const values = randomMatrix(random, items, 7);
const shapes = [
  { name: "text", dimension: 4, weight: 2 },
  { name: "price", dimension: 3 },
];
const complete = featureBlocks(values, shapes);
const holed = featureBlocks(values, shapes, (row, block) => row % 5 !== block);
const map = randomMatrix(random, 2, 7);
const noise = randomMatrix(random, items, 2);
const support = Float64Array.from({ length: items }, (_, i) => 1 + (i % 6));

/** y = x A' + level * noise. */
function outcomes(features: FeatureMatrix, level: number, linear: Matrix = map): Matrix {
  const row = (i: number) => rowOf(features.values, i);
  const value = (p: number) => dot(row(Math.floor(p / 2)), rowOf(linear, p % 2));
  return { rows: items, columns: 2, values: noise.values.map((error, p) => value(p) + level * error) };
}

/** One noiseless output, one of pure noise. */
function halfLearnable(): Matrix {
  const clean = outcomes(complete, 0);
  return { ...clean, values: clean.values.map((value, p) => (p % 2 === 0 ? value : 3 * noise.values[p])) };
}

function diagonal(...entries: number[]): Matrix<Float64Array> {
  const matrix = zeros64(entries.length, entries.length);
  for (const [d, entry] of entries.entries()) matrix.values[d * entries.length + d] = entry;
  return matrix;
}

/**
 * min sum_i v_i |y_i - W'x_i - b|^2 + s (sum_i v_i) |W|^2 with the intercept b as a column that is not penalised;
 * x the standardised features. Predictions for every item.
 */
function densePrediction(x: Matrix, y: Matrix, weights: readonly number[], penalty: number): number[] {
  const width = x.columns + 1;
  const rows = Array.from({ length: x.rows }, (_, i) => [...rowOf(x, i), 1]);
  const total = weights.reduce((sum, v) => sum + v, 0);
  const left = Array.from({ length: width * width }, (_, p) => {
    const [a, b] = [Math.floor(p / width), p % width];
    const penalised = a === b && a < x.columns ? penalty * total : 0;
    return rows.reduce((sum, row, i) => sum + weights[i] * row[a] * row[b], penalised);
  });
  const maps = [0, 1].map((d) => {
    const right = rows[0].map((_, a) =>
      rows.reduce((sum, row, i) => sum + weights[i] * row[a] * y.values[i * 2 + d], 0),
    );
    return denseSolve(left, right);
  });
  return rows.flatMap((row) => maps.map((column) => row.reduce((sum, value, a) => sum + value * column[a], 0)));
}

const trialOf = async (data: RegressionData, options: RegressorOptions) =>
  (await fitRegressor(data, options)).trials[0];

describe("fitRegressor", () => {
  it.each([0, 0.5, 1])(
    "is the ridge of dense normal equations, items weighing support^%d, the intercept free",
    async (supportExponent) => {
      const factors = outcomes(holed, 0.3);
      const regressor = await fitRegressor(
        { features: holed, factors, support },
        { regularization: 0.05, supportExponent },
      );
      const prior = await predictPrior(regressor, holed);
      const weights = Array.from(support, (count) => count ** supportExponent);
      const expected = densePrediction(standardise(holed, regressor.standardisation), factors, weights, 0.05);
      expect(largestDifference(prior.values, expected)).toBeLessThan(1e-4);
    },
  );

  it("recovers a linear map from noiseless factors, also for items that trained nothing", async () => {
    const factors = outcomes(complete, 0);
    const learnt = support.map((count, i) => (i < 20 ? 0 : count));
    const regressor = await fitRegressor({ features: complete, factors, support: learnt }, { regularization: 1e-8 });
    const prior = await predictPrior(regressor, complete);
    expect(largestDifference(prior.values, factors.values)).toBeLessThan(1e-3);
  });

  it("learns nothing from items below minimumSupport: neither from their factors nor from their features", async () => {
    const spoil = (matrix: Matrix) => ({
      ...matrix,
      values: matrix.values.map((value, p) => (support[Math.floor(p / matrix.columns)] < 3 ? 1000 : value)),
    });
    const factors = outcomes(complete, 0.1);
    const clean = await fitRegressor({ features: complete, factors, support }, { minimumSupport: 3 });
    const features = { ...complete, values: spoil(values) };
    const spoiled = await fitRegressor({ features, factors: spoil(factors), support }, { minimumSupport: 3 });
    expect(spoiled).toEqual(clean);
    const lower = await fitRegressor({ features, factors, support }, { minimumSupport: 2 });
    expect(asRidge(lower).weights).not.toEqual(asRidge(clean).weights);
  });

  it("chooses, of all penalties tried, the one with the least held-out error", async () => {
    const candidates = [1e-4, 0.03, 1, 30];
    const data = { features: complete, factors: outcomes(complete, 2), support };
    const { trials, regularization } = asRidge(await fitRegressor(data, { candidates }));
    const alone = await Promise.all(candidates.map((penalty) => trialOf(data, { regularization: penalty })));
    expect(trials).toEqual(alone);
    const best = trials.reduce((least, trial) => (trial.error < least.error ? trial : least));
    expect(regularization).toBe(best.setting.regularization);
    expect(best.error).toBeLessThan(Math.max(...trials.map(({ error }) => error)));
  });

  it("penalises what cannot be learnt, and leaves free what can", async () => {
    const choose = async (factors: Matrix) =>
      asRidge(await fitRegressor({ features: complete, factors, support }, { candidates: [1e-6, 1, 1e3] }))
        .regularization;
    expect(await choose(outcomes(complete, 0))).toBe(1e-6);
    expect(await choose(noise)).toBe(1e3);
  });

  it("listens to the metric: the output that weighs in scores decides the penalty", async () => {
    const data = { features: complete, factors: halfLearnable(), support };
    const choose = async (metric?: Matrix<Float64Array>) =>
      asRidge(await fitRegressor({ ...data, metric }, { candidates: [1e-6, 1e3] })).regularization;
    expect(await choose(diagonal(100, 0.001))).toBe(1e-6);
    expect(await choose(diagonal(0.001, 100))).toBe(1e3);
    expect(await choose(diagonal(1, 1))).toBe(await choose());
  });

  it("says by dimension how far held-out predictions are off", async () => {
    const { residualVariance, trials } = await fitRegressor(
      { features: complete, factors: halfLearnable(), support },
      { regularization: 1e-6 },
    );
    expect(residualVariance[0]).toBeLessThan(1e-4);
    expect(residualVariance[1]).toBeGreaterThan(3);
    expect(residualVariance[0] + residualVariance[1]).toBeCloseTo(trials[0].error, 4);
  });

  it("says how much worse it does without a block: much for one that tells, never below 1", async () => {
    const onlyText = { ...map, values: map.values.map((value, p) => (p % 7 < 4 ? value : 0)) };
    const factors = outcomes(complete, 0.3, onlyText);
    const { missingBlockInflation } = await fitRegressor({ features: complete, factors, support });
    expect(missingBlockInflation[0]).toBeGreaterThan(5);
    expect(missingBlockInflation[1]).toBeGreaterThanOrEqual(1);
    expect(missingBlockInflation[1]).toBeLessThan(1.5);
  });

  it("gives the same bytes for the same seed, another holdout for another", async () => {
    const data = { features: holed, factors: outcomes(holed, 1), support };
    expect(await fitRegressor(data)).toEqual(await fitRegressor(data));
    expect((await fitRegressor(data, { seed: 2 })).trials).not.toEqual((await fitRegressor(data)).trials);
  });

  it.each([1, 2, 3, 4])("learns from %i items: finite predictions, the mean from one alone", async (items) => {
    const few = support.map((_, i) => (i < items ? 1 : 0));
    const data = { features: complete, factors: outcomes(complete, 0), support: few };
    const prior = await predictPrior(await fitRegressor(data), complete);
    expect(prior.values.every(Number.isFinite)).toBe(true);
    if (items > 1) return;
    for (let i = 0; i < prior.rows; i++)
      expect(largestDifference(rowOf(prior, i), rowOf(data.factors, 0))).toBeLessThan(1e-5);
  });

  it("refuses no teacher at all as NOT_ENOUGH_DATA, and says what to do", async () => {
    const data = { features: complete, factors: outcomes(complete, 0), support: support.map(() => 0) };
    await expect(fitRegressor(data)).rejects.toMatchObject({
      code: "NOT_ENOUGH_DATA",
      message: expect.stringMatching(/an item with support 1 or more .* received none; lower .*minimumSupport/),
    });
  });

  it("stops with INTERRUPTED once cancelled", async () => {
    const data = { features: complete, factors: outcomes(complete, 0), support };
    const cancelled = fitRegressor(data, {}, { signal: AbortSignal.abort() });
    await expect(cancelled).rejects.toMatchObject({ code: "INTERRUPTED" });
  });
});

describe("predictPrior", () => {
  it("gives an item without any block the intercept", async () => {
    const data = { features: complete, factors: outcomes(complete, 0.2), support };
    const regressor = await fitRegressor(data);
    const empty = featureBlocks(values, shapes, () => false);
    expect(Array.from(rowOf(await predictPrior(regressor, empty), 0))).toEqual(
      Array.from(asRidge(regressor).intercept),
    );
  });

  it.each([
    ["another dimension", [{ name: "text", dimension: 4 }], "text 0-3"],
    ["one block in place of two", [{ name: "text", dimension: 7 }], "text 0-6"],
    [
      "blocks of another width",
      [
        { name: "text", dimension: 3 },
        { name: "price", dimension: 4 },
      ],
      "text 0-2, price 3-6",
    ],
  ])("refuses features with %s as INVALID_ARGUMENT", async (_case, others, received) => {
    const regressor = await fitRegressor({ features: complete, factors: outcomes(complete, 0), support });
    const width = others.reduce((sum, { dimension }) => sum + dimension, 0);
    const foreign = featureBlocks(randomMatrix(random, 3, width), others);
    await expect(predictPrior(regressor, foreign)).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringContaining(`expected features of the blocks text 0-3, price 4-6, received ${received};`),
    });
  });
});
