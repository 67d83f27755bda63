/** Plain regression: every item is what its features predict, by plain MSE, with no posterior and no channel. */
import { itemSupport } from "../../data/interactions.ts";
import { cosines, factorRanker } from "../../evaluation/ranking/scorer.ts";
import { heldOutRanking } from "../../hybrid/held-out-ranking.ts";
import { settledRegressor } from "../../hybrid/settings/hybrid-settings.ts";
import { fitRegressor, predictPrior, type Regressor } from "../../regressor/regressor.ts";
import type { Model, ModelData } from "./model-data.ts";

export const regressionMse: Model = {
  name: "regression-mse",
  words: "features regressed to the factors of plain ALS",
  byDefault: true,
  knowsContent: true,
  fit: async (data) => {
    const { userFactors } = await data.als();
    const prior = await predictPrior(await regressorOf(data), await data.features());
    return { name: "regression-mse", ...factorRanker(userFactors, prior), similar: cosines(prior) };
  },
};

/** Where validation chooses the kind, its regressor at the chosen setting: that of the hybrid, unless the metric shapes it. */
async function regressorOf(data: ModelData): Promise<Regressor> {
  const { regressor } = data.options;
  const isShared = regressor.kind === "auto";
  const shared = isShared ? await data.regressor() : undefined;
  if (shared !== undefined && shared.implementation.fitsMetric !== true) return shared;
  const options = isShared ? settledRegressor(regressor, await data.settings()) : regressor;
  const als = await data.als();
  const learned = { features: await data.features(), factors: als.itemFactors, support: itemSupport(data.train) };
  const rankHeldOut = heldOutRanking({ interactions: data.train, als }, data.context);
  return fitRegressor(learned, options, { ...data.context, rankHeldOut });
}
