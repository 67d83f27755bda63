/** Joint training: what a round does, and that the prior inside ALS pays where features explain tastes. */
import { describe, expect, it } from "vitest";
import { fitAls } from "../../src/als/als.ts";
import { itemSupport } from "../../src/data/interactions.ts";
import { splitColdItems } from "../../src/data/splits/split.ts";
import { factorScorer } from "../../src/evaluation/ranking/scorer.ts";
import { heldOutRanking } from "../../src/hybrid/held-out-ranking.ts";
import { fitJoint, scoreSpaceMetric } from "../../src/hybrid/joint-training.ts";
import { transposeSparse } from "../../src/math/matrix.ts";
import { fitRegressor, predictPrior, sameSetting } from "../../src/regressor/regressor.ts";
import { coldNdcg } from "../helpers/cold-ndcg.ts";
import { largestDifference } from "../helpers/comparisons.ts";
import { asRidge } from "../helpers/regressors.ts";
import { denseConfidences, rowPenalty } from "../helpers/row-oracle.ts";
import { makeWorld } from "../helpers/world.ts";

const size = { users: 250, items: 160, perUser: 12 };
const collaborative = { rank: 8, iterations: 6, regularization: 0.1, confidenceScale: 1.5 };

async function start(seed: number) {
  const { interactions: all, features } = makeWorld(seed, size);
  const { train: interactions, test } = splitColdItems(all, { share: 0.25 });
  return { interactions, test, features, als: await fitAls(interactions, collaborative) };
}

const options = { rounds: 3, sweepsPerRound: 2, regressor: {} };

describe("fitJoint", () => {
  it("starts from the regressor of plain ALS in score space", async () => {
    const data = await start(1);
    const { interactions, features, als } = data;
    const model = await fitJoint(data, { ...options, rounds: 0 });
    const support = itemSupport(interactions);
    const metric = scoreSpaceMetric(als, interactions);
    expect(model.als).toBe(als);
    const context = { rankHeldOut: heldOutRanking({ interactions, als }, {}) };
    const learned = { features, factors: als.itemFactors, support, metric };
    expect(model.regressor).toEqual(await fitRegressor(learned, {}, context));
    expect(model.trials.every(({ figure }) => figure !== undefined)).toBe(true);
    expect(model.prior).toEqual(await predictPrior(model.regressor, features));
  });

  it("takes a prior that is known beside its regressor, and none without", async () => {
    const data = await start(1);
    const { regressor, prior } = await fitJoint(data, { ...options, rounds: 0 });
    const known = { ...prior, values: prior.values.map((value) => 2 * value) };
    expect((await fitJoint({ ...data, regressor, prior: known }, { ...options, rounds: 0 })).prior).toBe(known);
    expect((await fitJoint({ ...data, prior: known }, { ...options, rounds: 0 })).prior).toEqual(prior);
  });

  it("alternates in a round: ALS drawn to the last prior, from the last factors; then a regressor of the new factors", async () => {
    const data = await start(1);
    const before = await fitJoint(data, { ...options, rounds: 0 });
    const after = await fitJoint(data, { ...options, rounds: 1 });
    const context = { itemPrior: before.prior, start: before.als.itemFactors };
    const als = await fitAls(data.interactions, { ...collaborative, iterations: 2 }, context);
    expect(after.als).toEqual(als);
    expect(asRidge(after.regressor).regularization).toBe(asRidge(before.regressor).regularization);
    expect(after.prior).toEqual(await predictPrior(after.regressor, data.features));
    expect(largestDifference(after.prior.values, before.prior.values)).toBeGreaterThan(1e-3);
    const lesson = { features: data.features, factors: als.itemFactors, support: itemSupport(data.interactions) };
    const metric = scoreSpaceMetric(als, data.interactions);
    const again = await fitRegressor({ ...lesson, metric }, sameSetting({}, before.regressor));
    expect(after.regressor).toEqual(again);
  });

  it("goes on from a regressor of plain ALS that is known already", async () => {
    const data = await start(2);
    const { regressor } = await fitJoint(data, { ...options, rounds: 0 });
    expect(await fitJoint({ ...data, regressor }, options)).toEqual(await fitJoint(data, options));
  });

  it("ranks hidden items better than regression to plain ALS, where tastes follow from features", async () => {
    for (const seed of [1, 2, 3]) {
      const data = await start(seed);
      const figureAfter = async (rounds: number) => {
        const { als, prior } = await fitJoint(data, { ...options, rounds });
        return coldNdcg({ train: data.interactions, test: data.test }, factorScorer(als.userFactors, prior));
      };
      expect(await figureAfter(4)).toBeGreaterThan((await figureAfter(0)) + 0.01);
    }
  });

  it("reports rounds and stops with INTERRUPTED once cancelled", async () => {
    const data = await start(1);
    const done: number[] = [];
    await fitJoint(data, options, { onProgress: (progress) => done.push(progress.done) });
    expect(done).toEqual([1, 2, 3]);
    const controller = new AbortController();
    const cancelled = fitJoint(data, options, { signal: controller.signal, onProgress: () => controller.abort() });
    await expect(cancelled).rejects.toMatchObject({ code: "INTERRUPTED" });
  });
});

describe("the score-space metric", () => {
  it("is a0 G plus the mean regularisation of the items on the diagonal", async () => {
    const { interactions, als } = await start(1);
    const byItem = transposeSparse(interactions);
    const penalties = Array.from({ length: byItem.rows }, (_, i) =>
      rowPenalty(denseConfidences(byItem, i, collaborative.confidenceScale), als.options),
    );
    const mean = penalties.reduce((sum, l) => sum + l, 0) / penalties.length;
    const expected = als.gram.values.map((g, p) => als.options.unobservedWeight * g + (p % 9 === 0 ? mean : 0));
    expect(largestDifference(scoreSpaceMetric(als, interactions).values, expected)).toBeLessThan(1e-5);
  });
});
