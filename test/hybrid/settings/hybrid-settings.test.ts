/** How settings are chosen on a small world. */
import { describe, expect, it } from "vitest";
import { createInteractions } from "../../../src/data/interactions.ts";
import { type EmbeddingOptions, embeddingOptionsSchema } from "../../../src/hybrid/embedding-options.ts";
import { fitHybrid } from "../../../src/hybrid/hybrid.ts";
import { chooseSettings, chosenTrial, settledRegressor } from "../../../src/hybrid/settings/hybrid-settings.ts";
import { zeros } from "../../../src/math/matrix.ts";
import type { RegressorOptions } from "../../../src/regressor/regressor-options.ts";
import { largestDifference } from "../../helpers/comparisons.ts";
import { makeWorld } from "../../helpers/world.ts";

const { interactions, features } = makeWorld(3, { users: 150, items: 100, perUser: 8 });
const collaborative = { rank: 6, iterations: 4 };
const choose = (embeddings: EmbeddingOptions, regressor: RegressorOptions = {}, data = interactions) =>
  chooseSettings(data, features, {
    collaborative,
    regressor,
    embeddings: embeddingOptionsSchema.parse(embeddings),
  });

describe("chooseSettings", () => {
  it("chooses a setting that it measured, none clearly better than it", async () => {
    const settings = await choose({});
    const chosen = chosenTrial(settings);
    const best = Math.max(...settings.trials.search.map(({ objective }) => objective));
    expect(chosen.objective).toBeGreaterThan(0.8 * best);
    expect(settings.trials.search.length).toBeGreaterThan(10);
    expect(settings.trials.search.length).toBeLessThanOrEqual(60);
  });

  it("mixes both parts of every trial by newShare", async () => {
    const { trials } = await choose({ newShare: 0.3 });
    for (const { known, launched, objective } of trials.search) {
      expect(objective).toBeCloseTo(0.7 * known + 0.3 * launched, 10);
    }
  });

  it("shows new items more where they count more", async () => {
    const [none, all] = [await choose({ newShare: 0 }), await choose({ newShare: 1 })];
    expect(chosenTrial(all).launched).toBeGreaterThan(chosenTrial(none).launched);
    expect(chosenTrial(none).known).toBeGreaterThan(chosenTrial(all).known);
  });

  it("with regressor kind auto takes the first kind where no other ranks held-out items clearly better, and fits it again", async () => {
    const regressor: RegressorOptions = { kind: "auto", kinds: ["knn", "ridge", "kernel-ridge"] };
    const { trials, ...settings } = await choose({ rounds: 1 }, regressor);
    expect(trials.regressor.every(({ figure = 0 }) => figure > 0)).toBe(true);
    expect([...new Set(trials.regressor.map(({ kind }) => kind))]).toEqual(regressor.kinds);
    const figureOf = (kind: string) =>
      Math.max(...trials.regressor.filter((trial) => trial.kind === kind).map(({ figure = 0 }) => figure));
    expect(figureOf(settings.regressorKind)).toBeGreaterThanOrEqual(0.95 * figureOf("knn"));
    const options = { collaborative, regressor, embeddings: { rounds: 1 } };
    const model = await fitHybrid(interactions, features, options, {
      settings: { ...settings, regressorKind: "knn", trials },
    });
    expect(model.regressor.kind).toBe("knn");
  });

  it("settles the regressor's setting, of which a fit chooses the penalty alone, and leaves other options alone", async () => {
    const candidates = [0.9, 0.3, 0.1, 0.01];
    const regressor: RegressorOptions = {
      kind: "kernel-ridge",
      candidates,
      kernelRidge: { byField: 0, bandwidths: [0.5, 2] },
    };
    const settings = await choose({ rounds: 0 }, regressor);
    const best = settings.trials.regressor.reduce((a, b) => (b.error < a.error ? b : a));
    const options = { collaborative, regressor, embeddings: { rounds: 0 } };
    const { regressor: fitted } = await fitHybrid(interactions, features, options, { settings });
    const { regularization: penalty, bandwidth } = best.setting;
    const tried = fitted.trials.map(({ setting }) => setting);
    expect(new Set(tried.map((setting) => setting.bandwidth))).toEqual(new Set([bandwidth]));
    const open = candidates.filter((candidate) => candidate <= penalty).slice(0, 2);
    expect(tried.map((setting) => setting.regularization)).toEqual(open);
    expect(settledRegressor(regressor, settings)).toEqual({
      kind: "kernel-ridge",
      candidates: open,
      kernelRidge: { byField: 0, bandwidths: [bandwidth] },
    });
    const fixed = await choose({ rounds: 0 }, { ...regressor, regularization: 0.5 });
    expect(settledRegressor({ ...regressor, regularization: 0.5 }, fixed).regularization).toBe(0.5);
    const { regressorSetting: _, ...earlier } = settings;
    const chosen = await fitHybrid(interactions, features, options, { settings: earlier });
    expect(chosen.regressor.trials.length).toBeGreaterThan(1);
  });

  const bare = { values: zeros(100, 0), presence: zeros(100, 0), blocks: [] };

  it("without content has no prior where nothing can be held out either", async () => {
    const once = createInteractions(30, 100, {
      users: Uint32Array.from({ length: 30 }, (_, u) => u),
      items: Uint32Array.from({ length: 30 }, (_, u) => u % 7),
      values: new Float64Array(30).fill(1),
    });
    const [alone, beside] = [bare, features].map((known) => chooseSettings(once, known, { collaborative }));
    expect(await alone).toMatchObject({ priorStrength: 0, lift: 0, trials: { search: [] } });
    expect(await beside).toMatchObject({ priorStrength: 1, lift: 1, trials: { search: [] } });
  });

  it("without content has no prior and moves nothing that content would, so that its items are those of ALS", async () => {
    const settings = await chooseSettings(interactions, bare, { collaborative });
    for (const { priorStrength, channelWeight, lift, contentLift, rounds } of settings.trials.search) {
      expect([priorStrength, channelWeight, lift, contentLift, rounds]).toEqual([0, 0, 0, 0, 0]);
    }
    expect(new Set(settings.trials.search.map(({ userNormExponent }) => userNormExponent)).size).toBeGreaterThan(1);
    const { als, embeddings } = await fitHybrid(interactions, bare, { collaborative }, { settings });
    expect(largestDifference(embeddings.vectors.values, als.itemFactors.values)).toBeLessThan(1e-6);
  });

  it("takes what the caller has set", async () => {
    const set = {
      rounds: 0,
      alsUnobservedWeight: 2,
      alsRankTimes: 2,
      priorStrength: 3,
      userNormExponent: 0.25,
      recencyDecay: 0.5,
      userRegularization: 2,
      userUnobservedWeight: 0.5,
      lift: 0.9,
      contentLift: -0.3,
      tail: 0.7,
    };
    const settings = await choose({ ...set, channel: { weight: 0.3 } });
    expect(settings).toMatchObject({ ...set, channelWeight: 0.3 });
    expect(settings.trials.search).toHaveLength(1);
    expect((await choose({ rounds: 0, channel: null })).channelWeight).toBe(0);
  });

  it("tries no more rounds than allowed", async () => {
    const { trials } = await choose({ rounds: 2 });
    expect(Math.max(...trials.search.map(({ rounds }) => rounds))).toBeLessThanOrEqual(2);
  });

  it("tries to forget only where interactions have times", async () => {
    const decays = (settings: Awaited<ReturnType<typeof choose>>) =>
      new Set(settings.trials.search.map(({ recencyDecay }) => recencyDecay));
    expect(decays(await choose({}))).toEqual(new Set([0]));
    const timed = { ...interactions, times: Float64Array.from(interactions.indices, (_, p) => p) };
    const options = { recencyCandidates: [0, 0.5] };
    expect(decays(await choose(options, {}, timed))).toEqual(new Set([0, 0.5]));
    const atRandom = await choose({ ...options, validation: { warm: "random" } }, {}, timed);
    expect(decays(atRandom)).toEqual(new Set([0]));
  });

  it("is deterministic, and leaves its input as it was", async () => {
    const before = structuredClone({ interactions, features });
    expect(await choose({})).toEqual(await choose({}));
    expect({ interactions, features }).toEqual(before);
  });
});
