/** The root of the mean squared error, and the mean absolute error. */
import type { RatingMetricKind } from "../rating-metric.ts";

export const rmse: RatingMetricKind = {
  of: "ratings",
  name: "rmse",
  definition: "square root of the mean squared error of the predicted ratings, over held-out pairs; lower is better",
  loss: (error) => error * error,
  scale: Math.sqrt,
};

export const mae: RatingMetricKind = {
  of: "ratings",
  name: "mae",
  definition: "mean absolute error of the predicted ratings, over held-out pairs; lower is better",
  loss: Math.abs,
  scale: (meanLoss) => meanLoss,
};
