/** Errors of predicted ratings: the mean loss over held-out pairs, brought back to the scale of the ratings. Lower is better. */

export interface RatingMetricKind {
  readonly of: "ratings";
  /** The whole name of the metric: there is no list, and no length of one. */
  readonly name: string;
  readonly label?: string;
  /** One sentence, printed beneath the figures. */
  readonly definition: string;
  /** The loss of one pair, whose rating is so much above its prediction. */
  readonly loss: (error: number) => number;
  /** From the mean loss to the figure: increasing. */
  readonly scale: (meanLoss: number) => number;
}
