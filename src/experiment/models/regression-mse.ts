/** Plain regression: every item is what its features predict, by plain MSE, with no posterior and no channel. */
import { itemSupport } from "../../data/interactions.ts";
import { cosines, factorRanker } from "../../evaluation/ranking/scorer.ts";
import { settledRegressor } from "../../hybrid/settings/hybrid-settings.ts";
import { fitRegressor, predictPrior } from "../../regressor/regressor.ts";
import type { Model } from "./model-data.ts";

export const regressionMse: Model = {
  name: "regression-mse",
  words: "features regressed to the factors of plain ALS",
  byDefault: true,
  knowsContent: true,
  fit: async (data) => {
    const { userFactors, itemFactors } = await data.als();
    const features = await data.features();
    const { regressor } = data.options;
    const options = regressor.kind === "auto" ? settledRegressor(regressor, await data.settings()) : regressor;
    const learned = { features, factors: itemFactors, support: itemSupport(data.train) };
    const prior = await predictPrior(await fitRegressor(learned, options, data.context), features);
    return { name: "regression-mse", ...factorRanker(userFactors, prior), similar: cosines(prior) };
  },
};
