/**
 * The rules by which settings are chosen from what validation measured: the best compromise where a setting serves cold and warm
 * items alike, the furthest within tolerance where it only gives up a little of one for the other.
 */
import type { WeightTrial } from "./serving-measure.ts";

/** What is tried: the option itself, or the candidates of `auto`. */
export function candidatesOf(option: number | "auto", candidates: readonly number[]): readonly number[] {
  return option === "auto" ? candidates : [option];
}

/** The value with the best mean of cold and warm NDCG, each as a share of its own best. */
export function bestCompromise(trials: readonly WeightTrial[]): number {
  const most = (figure: (trial: WeightTrial) => number) => Math.max(...trials.map(figure), Number.MIN_VALUE);
  const [cold, warm] = [most((trial) => trial.cold), most((trial) => trial.warm)];
  return bestBy(trials, (trial) => trial.cold / cold + trial.warm / warm);
}

/** The largest value whose warm NDCG is within `tolerance` of the best of the trials. */
export function furthest(trials: readonly WeightTrial[], tolerance: number): number {
  const least = (1 - tolerance) * bestWarm(trials);
  return Math.max(...trials.filter(({ warm }) => warm >= least).map(({ value }) => value));
}

/**
 * What `value` leaves of a tolerance, at least 0: what several settings give up one after the other, each against the best of its own
 * trials, stays within one tolerance.
 */
export function toleranceLeft(trials: readonly WeightTrial[], tolerance: number, value: number): number {
  const chosen = trials.find((trial) => trial.value === value)?.warm ?? 0;
  const best = bestWarm(trials);
  return best > 0 ? Math.max(0, tolerance - (1 - chosen / best)) : tolerance;
}

function bestWarm(trials: readonly WeightTrial[]): number {
  return Math.max(...trials.map(({ warm }) => warm));
}

function bestBy(trials: readonly WeightTrial[], merit: (trial: WeightTrial) => number): number {
  return trials.reduce((best, trial) => (merit(trial) > merit(best) ? trial : best)).value;
}
