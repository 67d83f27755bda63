/** Ratings: on the first split of warm-tail, whose weights are ratings, the errors of those that biased-mf predicts. */
import { z } from "zod";
import { fitBiasedMf, predictRating } from "../../baselines/biased-mf.ts";
import type { Interactions } from "../../data/interactions.ts";
import type { Split } from "../../data/splits/split.ts";
import { evaluateRatings, meanPredictors } from "../../evaluation/metrics/ratings.ts";
import type { Protocol } from "../measurement/protocol.ts";
import { warmTail } from "./warm-tail.ts";

export const ratings = {
  name: "ratings",
  option: "ratings",
  schema: () =>
    z
      .boolean()
      .default(false)
      .describe(
        "the weights are ratings: also measure how well biased-mf predicts those of the warm-tail split (RMSE, MAE)",
      ),
  splits: warmTail.splits,
  asks: "users",
  measure: async ({ dataset, data, splits: [{ description, ...sides }], evaluation }, context) => {
    const unit = data.ingested.report.interactions?.weightUnit ?? 1;
    const [train, test] = [inUnitOf(sides.train, unit), inUnitOf(sides.test, unit)];
    const model = fitBiasedMf(train, { seed: evaluation.seed }, context);
    const predict = (user: number, item: number) => predictRating(model, user, item);
    const predictors = [{ name: "biased-mf", predict }, ...meanPredictors(train)];
    const input = { train, test, predictors, dataset, protocol: { ...description } };
    return { report: await evaluateRatings(input, evaluation, context), leaks: [] };
  },
  words: () => ({
    title: "Ratings",
    purpose: "Some ratings of every user are hidden. The model predicts them; an error is in units of the rating.",
    headline: { slice: "all", candidates: "catalog" },
  }),
} as const satisfies Protocol<boolean, Split>;

/** The weights as ratings: in the unit of the file. */
function inUnitOf(side: Interactions, unit: number): Interactions {
  return { ...side, values: side.values.map((value) => unit * value) };
}
