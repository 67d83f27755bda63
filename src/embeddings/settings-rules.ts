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

/**
 * The largest value whose warm NDCG is within `tolerance` of the best that any setting reached so far, `best`: what several
 * settings give up one after the other stays within one tolerance. Where none is, the one with the best warm NDCG.
 */
export function furthest(trials: readonly WeightTrial[], tolerance: number, best = bestWarm(trials)): number {
  const within = trials.filter(({ warm }) => warm >= (1 - tolerance) * best);
  return within.length > 0 ? Math.max(...within.map(({ value }) => value)) : bestBy(trials, ({ warm }) => warm);
}

/** The best warm NDCG of all the trials. */
export function bestWarm(...trials: readonly (readonly WeightTrial[])[]): number {
  return Math.max(...trials.flat().map(({ warm }) => warm));
}

function bestBy(trials: readonly WeightTrial[], merit: (trial: WeightTrial) => number): number {
  return trials.reduce((best, trial) => (merit(trial) > merit(best) ? trial : best)).value;
}
