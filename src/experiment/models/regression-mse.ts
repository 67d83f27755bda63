/** Plain regression: every item is what its features predict, by plain MSE, with no posterior and no channel. */
import { itemSupport } from "../../data/interactions.ts";
import { cosines, factorRanker } from "../../evaluation/ranking/scorer.ts";
import { heldOutRanking } from "../../hybrid/held-out-ranking.ts";
import { settledRegressor } from "../../hybrid/settings/hybrid-settings.ts";
import type { Matrix } from "../../math/matrix.ts";
import { fitRegressor, predictPrior } from "../../regressor/regressor.ts";
import type { Model, ModelData } from "./model-data.ts";

export const regressionMse: Model = {
  name: "regression-mse",
  words: "features regressed to the factors of plain ALS",
  byDefault: true,
  knowsContent: true,
  fit: async (data) => {
    const { userFactors } = await data.als();
    const prior = await priorOf(data);
    return { name: "regression-mse", ...factorRanker(userFactors, prior), similar: cosines(prior) };
  },
};

/** f(x): items x k. Where validation chooses the kind, of the hybrid's regressor at the chosen setting, unless the metric shapes it. */
async function priorOf(data: ModelData): Promise<Matrix> {
  const { regressor } = data.options;
  const isShared = regressor.kind === "auto";
  if (isShared && (await data.regressor()).implementation.fitsMetric !== true) return data.prior();
  const options = isShared ? settledRegressor(regressor, await data.settings()) : regressor;
  const als = await data.als();
  const learned = { features: await data.features(), factors: als.itemFactors, support: itemSupport(data.train) };
  const rankHeldOut = heldOutRanking({ interactions: data.train, als }, data.context);
  const own = await fitRegressor(learned, options, { ...data.context, rankHeldOut });
  return predictPrior(own, learned.features, data.context.backend);
}
