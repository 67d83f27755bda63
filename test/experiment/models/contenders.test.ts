/** Models fitted by name in a program are those of an evaluation, and only what they ask for is chosen. */
import { describe, expect, it } from "vitest";
import { fitAls } from "../../../src/als/als.ts";
import { timesUnobserved } from "../../../src/als/unobserved-weight.ts";
import { itemSupport } from "../../../src/data/interactions.ts";
import { splitColdItems } from "../../../src/data/splits/split.ts";
import { settledRegressor } from "../../../src/hybrid/settings/hybrid-settings.ts";
import { splitValidation } from "../../../src/hybrid/settings/inner-split.ts";
import { measureOnPanel } from "../../../src/hybrid/settings/panel.ts";
import {
  chooseSettings,
  ease,
  embeddingOptionsSchema,
  factorRanker,
  fitContenders,
  fitHybrid,
  measureSplit,
  summariseSplits,
} from "../../../src/index.ts";
import { rowOf, takeRows } from "../../../src/math/matrix.ts";
import { fitRegressor, predictPrior } from "../../../src/regressor/regressor.ts";
import type { RegressorOptions } from "../../../src/regressor/regressor-options.ts";
import { makeWorld } from "../../helpers/world.ts";

const { interactions, features } = makeWorld(3, { users: 150, items: 100, perUser: 8 });
const { train, test } = splitColdItems(interactions, { share: 0.2, seed: 1 });
const options = { collaborative: { rank: 6, iterations: 4 }, embeddings: { validation: { trials: 6 }, rounds: 0 } };

describe("fitContenders", () => {
  it("fits the hybrid that fitHybrid fits, with the settings that chooseSettings chooses", async () => {
    const settings = await chooseSettings(train, features, options);
    const chosen = await fitContenders(["als", "hybrid"], { train, features }, options);
    expect(chosen.settings).toEqual(settings);
    const given = await fitContenders(["als", "hybrid"], { train, features }, options, { settings });
    const { userVectors, embeddings } = await fitHybrid(train, features, options, { settings });
    for (const { contenders } of [chosen, given]) {
      expect(contenders.map(({ name }) => name)).toEqual(["als", "hybrid"]);
      expect(contenders[1].served).toEqual({ users: userVectors, items: embeddings.vectors, tail: settings.tail });
    }
  });

  it("gives what measureSplit measures", async () => {
    const { contenders } = await fitContenders(["popularity", "content-ridge"], { train, features }, options);
    const { results } = await summariseSplits([await measureSplit({ train, test, contenders, slices: [] })], {
      resamples: 100,
    });
    expect(new Set(results.map(({ model }) => model))).toEqual(new Set(["popularity", "content-ridge"]));
  });

  it("turns the dial of als-calibrated by plain ALS of the inner split, and chooses no setting of the hybrid for it", async () => {
    const { settings, baselines } = await fitContenders(["als-calibrated"], { train, features }, options);
    expect(settings).toBeUndefined();
    const inner = splitValidation(train, embeddingOptionsSchema.parse(options.embeddings));
    const { userFactors, itemFactors } = await fitAls(inner.train, options.collaborative);
    const figures = [];
    for (const tail of [0, 0.2, 0.4, 0.6, 0.8, 1]) {
      const items = { ...itemFactors, values: itemFactors.values.slice() };
      for (let i = 0; i < items.rows; i++) {
        const row = rowOf(items, i);
        const length = Math.hypot(...row);
        if (length > 0) row.set(row.map((value) => value / length ** tail));
      }
      const model = factorRanker(takeRows(userFactors, inner.panel.users), items);
      figures.push({ tail, objective: (await measureOnPanel(inner.panel, model)).objective });
    }
    const best = figures.reduce((a, b) => (b.objective > a.objective ? b : a));
    expect(baselines).toEqual({ "als-calibrated": best.tail });
  });

  it("fits plain regression as the hybrid's regressor begins, at the setting that was chosen", async () => {
    const regressor: RegressorOptions = { kind: "auto", kinds: ["ridge", "kernel-ridge"] };
    const both = ["regression-mse", "hybrid"];
    const embeddings = { ...options.embeddings, alsUnobservedWeight: 1 };
    const given = { ...options, regressor, embeddings };
    const { contenders, settings, hybrid } = await fitContenders(both, { train, features }, given);
    const { itemFactors } = await fitAls(train, options.collaborative, { besideContent: true });
    const learned = { features, factors: itemFactors, support: itemSupport(train) };
    if (settings === undefined) throw new Error("a regressor of kind auto is chosen");
    const plain = await fitRegressor(learned, settledRegressor(regressor, settings));
    expect(contenders[0].factors?.items).toEqual(await predictPrior(plain, features));
    expect(hybrid?.prior).toEqual(contenders[0].factors?.items);
  });

  it("gives the hybrid an ALS of its own where its settings weigh otherwise, and leaves the others plain ALS", async () => {
    const given = { ...options, embeddings: { ...options.embeddings, alsUnobservedWeight: 3 } };
    const both = ["als", "regression-mse", "hybrid"];
    const { contenders, hybrid, settings } = await fitContenders(both, { train, features }, given);
    const besideContent = { besideContent: true };
    const plain = await fitAls(train, options.collaborative, besideContent);
    const own = await fitAls(train, timesUnobserved(options.collaborative, train, 3), besideContent);
    expect(settings?.alsUnobservedWeight).toBe(3);
    expect(contenders[0].factors?.items).toEqual(plain.itemFactors);
    expect(hybrid?.als).toEqual(own);
    expect(hybrid?.prior).not.toEqual(contenders[1].factors?.items);
  });

  it("takes options of a model in place of the choice, and refuses what the model does not know", async () => {
    const fitWith = (given: object) =>
      fitContenders(["ease"], { train, features }, options, { modelOptions: { ease: given } });
    const { baselines, contenders } = await fitWith({ regularization: 30 });
    expect(baselines).toEqual({ ease: { regularization: 30 } });
    const [own, known] = [contenders[0], await ease(train, { regularization: 30 })];
    expect(await own.score(Uint32Array.of(0, 7))).toEqual(await known.score(Uint32Array.of(0, 7)));
    await expect(fitWith({ regularisation: 30 })).rejects.toThrow(/did you mean "regularization"/);
  });

  it("names the models that it knows where a name is unknown", async () => {
    const unknown = fitContenders(["alz"], { train, features }, options);
    await expect(unknown).rejects.toThrow(/one of .*als, .* received "alz"/);
  });
});
