/**
 * Trials of one setting, and the rules that choose among them: the best compromise where a setting serves cold and warm items
 * alike, the furthest within a budget where it trades overall NDCG for cold and tail items.
 */

/** A value tried, with NDCG@10 of hidden items among hidden items and of held-out interactions over the catalog. */
export interface WeightTrial {
  readonly value: number;
  readonly cold: number;
  readonly warm: number;
}

/** A setting of the tail dial, with NDCG@10 of held-out interactions over the catalog. */
export interface DialTrial {
  readonly tail: number;
  readonly ndcg: number;
}

/** The value with the best mean of cold and warm NDCG, each as a share of its own best; the first of equals. */
export function bestCompromise(trials: readonly WeightTrial[]): number {
  const most = (figure: (trial: WeightTrial) => number) => Math.max(...trials.map(figure), Number.MIN_VALUE);
  const [cold, warm] = [most((trial) => trial.cold), most((trial) => trial.warm)];
  const merit = (trial: WeightTrial) => trial.cold / cold + trial.warm / warm;
  return trials.reduce((best, trial) => (merit(trial) > merit(best) ? trial : best)).value;
}

/** The largest value that costs no more than `budget`, a share of the best warm NDCG. */
export function furthest(trials: readonly WeightTrial[], budget: number): number {
  const least = (1 - budget) * bestWarm(trials);
  return Math.max(...trials.filter(({ warm }) => warm >= least).map(({ value }) => value));
}

/** The tail-fairest setting of the dial (largest exponent) that costs no more than `budget`. */
export function fairestTail(trials: readonly DialTrial[], budget: number): number {
  return furthest(
    trials.map(({ tail, ndcg }) => ({ value: tail, cold: 0, warm: ndcg })),
    budget,
  );
}

/** The budget after `value` was chosen: less the share of the best warm NDCG that it costs, at least 0. */
export function budgetLeft(trials: readonly WeightTrial[], budget: number, value: number): number {
  const chosen = trials.find((trial) => trial.value === value)?.warm ?? 0;
  const best = bestWarm(trials);
  return best > 0 ? Math.max(0, budget - (1 - chosen / best)) : budget;
}

function bestWarm(trials: readonly WeightTrial[]): number {
  return Math.max(...trials.map(({ warm }) => warm));
}
