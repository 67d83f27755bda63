/** How settings are chosen on a small world. */
import { describe, expect, it } from "vitest";
import { type EmbeddingOptions, embeddingOptionsSchema } from "../../../src/hybrid/embedding-options.ts";
import { fitHybrid } from "../../../src/hybrid/hybrid.ts";
import { chooseSettings } from "../../../src/hybrid/settings/hybrid-settings.ts";
import {
  bestCompromise,
  budgetLeft,
  fairestTail,
  furthest,
  type WeightTrial,
} from "../../../src/hybrid/settings/setting-trials.ts";
import type { RegressorOptions } from "../../../src/regressor/regressor-options.ts";
import { makeWorld } from "../../helpers/world.ts";

describe("chooseSettings", () => {
  const { interactions, features } = makeWorld(3, { users: 150, items: 100, perUser: 8 });
  const collaborative = { rank: 6, iterations: 4 };
  const choose = (embeddings: EmbeddingOptions, regressor: RegressorOptions = {}) =>
    chooseSettings(interactions, features, {
      collaborative,
      regressor,
      embeddings: embeddingOptionsSchema.parse(embeddings),
    });

  it.each([0, 0.05, 1])(
    "follows its own rules from the figures that it reports, at tolerance %d",
    async (tolerance) => {
      const { trials, ...chosen } = await choose({ tolerance });
      expect(chosen.rounds).toBe(trials.rounds.indexOf(Math.max(...trials.rounds)));
      expect(chosen.priorStrength).toBe(furthest(trials.priorStrength, tolerance));
      expect(chosen.userNormExponent).toBe(bestCompromise(trials.userNorm));
      expect(chosen.recencyDecay).toBe(bestCompromise(trials.recency));
      expect(chosen.channelWeight).toBe(bestCompromise(trials.channel));
      expect(chosen.calibration).toBe(bestCompromise(trials.calibration));
      expect(chosen.coldBalance).toBe(bestCompromise(trials.coldBalance));
      const afterStrength = budgetLeft(trials.priorStrength, tolerance, chosen.priorStrength);
      expect(chosen.coldLevel).toBe(furthest(trials.coldLevel, afterStrength));
      const afterLevel = budgetLeft(trials.coldLevel, afterStrength, chosen.coldLevel);
      expect(chosen.tail).toBe(fairestTail(trials.tail, afterLevel));
      expect(chosen.alsTail).toBe(fairestTail(trials.alsTail, tolerance));
    },
  );

  it("with regressor kind auto takes the kind whose prior has the best cold figure, and fits that one again", async () => {
    const regressor: RegressorOptions = { kind: "auto", kinds: ["knn", "ridge", "kernel-ridge"] };
    const { trials, ...settings } = await choose({ rounds: 1 }, regressor);
    const measured = trials.regressor.filter(({ figure }) => figure !== undefined);
    expect(measured.map(({ kind }) => kind)).toEqual(regressor.kinds);
    const best = measured.reduce((a, b) => ((b.figure ?? 0) > (a.figure ?? 0) ? b : a));
    expect(settings.regressorKind).toBe(best.kind);
    expect(trials.rounds[0]).toBe(best.figure);
    const options = { collaborative, regressor, embeddings: { rounds: 1 } };
    const model = await fitHybrid(interactions, features, options, {
      settings: { ...settings, regressorKind: "knn", trials },
    });
    expect(model.regressor.kind).toBe("knn");
  });

  it("measures every value at those chosen before it", async () => {
    const { trials, channelWeight, calibration, coldBalance } = await choose({});
    for (const measured of [trials.userNorm, trials.channel, trials.calibration, trials.coldBalance]) {
      expect(new Set(measured.map(({ cold, warm }) => `${cold} ${warm}`)).size).toBe(measured.length);
    }
    const at = (measured: readonly WeightTrial[], value: number) => measured.find((trial) => trial.value === value);
    expect(at(trials.calibration, 0)).toEqual({ ...at(trials.channel, channelWeight), value: 0 });
    expect(at(trials.coldBalance, 0.5)).toEqual({ ...at(trials.calibration, calibration), value: 0.5 });
    expect(at(trials.coldLevel, 0)?.cold).toBe(at(trials.coldBalance, coldBalance)?.cold);
  });

  it("lets hidden items compete only where the level asks what lifting them costs", async () => {
    const { trials, coldBalance } = await choose({ coldCandidates: [0, 0.5, 1] });
    const unlifted = trials.coldBalance.find(({ value }) => value === coldBalance)?.warm ?? 0;
    const prices = trials.coldLevel.map(({ warm }) => warm);
    expect(prices[0]).toBeLessThan(unlifted);
    expect(prices).toEqual([...prices].sort((a, b) => b - a));
  });

  it("measures the weights where the dial would stand before them", async () => {
    const { trials } = await choose({ tolerance: 1, priorStrength: 1 });
    const last = trials.firstTail.find(({ tail }) => tail === 1)?.ndcg;
    expect(trials.priorStrength[0].warm).toBe(last);
  });

  it("ends the rounds at the first that does not raise the cold figure", async () => {
    const { rounds, trials } = await choose({ rounds: 8 });
    const firstFall = trials.rounds.findIndex((ndcg, r) => r > 0 && trials.rounds.slice(0, r).some((e) => e >= ndcg));
    expect(firstFall === -1 ? trials.rounds.length : firstFall + 1).toBe(trials.rounds.length);
    expect(trials.rounds.length).toBeLessThanOrEqual(9);
    expect(rounds).toBeLessThanOrEqual(trials.rounds.length - 1);
  });

  it("takes what the caller has set", async () => {
    const set = await choose({
      rounds: 0,
      priorStrength: 3,
      userNormExponent: 0.25,
      recencyDecay: 0.5,
      channel: { weight: 0.3 },
      calibration: 0.9,
      coldBalance: 0.3,
      coldLevel: 0.1,
      tail: 0.7,
    });
    expect(set).toMatchObject({
      rounds: 0,
      priorStrength: 3,
      userNormExponent: 0.25,
      recencyDecay: 0.5,
      channelWeight: 0.3,
      calibration: 0.9,
      coldBalance: 0.3,
      coldLevel: 0.1,
      tail: 0.7,
    });
    expect((await choose({ rounds: 0, channel: null })).channelWeight).toBe(0);
  });

  it("tries to forget only where interactions have times", async () => {
    expect((await choose({})).trials.recency.map(({ value }) => value)).toEqual([0]);
    const timed = { ...interactions, times: Float64Array.from(interactions.indices, (_, p) => p) };
    const options = { collaborative: { rank: 6, iterations: 4 }, regressor: {} };
    const embeddings = embeddingOptionsSchema.parse({ recencyCandidates: [0, 0.5] });
    const { trials } = await chooseSettings(timed, features, { ...options, embeddings });
    expect(trials.recency.map(({ value }) => value)).toEqual([0, 0.5]);
    const atRandom = { ...embeddings, validation: { ...embeddings.validation, warm: "random" as const } };
    const chosen = await chooseSettings(timed, features, { ...options, embeddings: atRandom });
    expect(chosen.trials.recency.map(({ value }) => value)).toEqual([0]);
  });

  it("is deterministic, and leaves its input as it was", async () => {
    const before = structuredClone({ interactions, features });
    expect(await choose({})).toEqual(await choose({}));
    expect({ interactions, features }).toEqual(before);
  });
});
