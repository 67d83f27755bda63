/**
 * The choice among settings that were measured: the best by J, or a near-tie that clearly shows more of new items. A panel of users
 * is a sample: a difference of J that a one-sided test at 5 % finds nothing in, paired by user, is no reason to prefer either.
 * Known items pay nothing for it: their part may not fall by more than its standard error.
 */
import { CLEAR, isClearlyAbove, pairedMean } from "../../math/statistics.ts";
import type { PanelFigures } from "./panel.ts";
import { weightOfLaunched } from "./panel.ts";

export interface Measured {
  readonly figures: Pick<PanelFigures, "launched" | "objective" | "byUser">;
}

/** The trial with the highest J; the first of equals. */
export function bestTrial<T extends Measured>(trials: readonly T[]): T {
  return trials.reduce((a, b) => (b.figures.objective > a.figures.objective ? b : a));
}

/** Whether a trial's J is within noise of the best's, and its known part too. */
export function isNearTie({ figures: best }: Measured, { figures }: Measured, newShare: number): boolean {
  const { mean, variance } = pairedMean(best.byUser.known, figures.byUser.known);
  return !exceedsNoise(best.byUser, figures.byUser, newShare) && mean <= Math.sqrt(variance);
}

/** Whether the second trial's J is higher than the first's beyond noise. */
export function isClearlyBetter({ figures: from }: Measured, { figures: to }: Measured, newShare: number): boolean {
  return exceedsNoise(to.byUser, from.byUser, newShare);
}

/** Whether the mean gain in J of a over b is more than noise. */
function exceedsNoise(a: PanelFigures["byUser"], b: PanelFigures["byUser"], newShare: number): boolean {
  const q = weightOfLaunched(newShare, a.known, a.launched);
  const [known, launched] = [pairedMean(a.known, b.known), pairedMean(a.launched, b.launched)];
  const error = Math.sqrt((1 - q) ** 2 * known.variance + q ** 2 * launched.variance);
  return (1 - q) * known.mean + q * launched.mean > CLEAR * error;
}

/** Whether the first trial's launched part is higher than the second's beyond noise. */
export function showsMore({ figures: a }: Measured, { figures: b }: Measured): boolean {
  return isClearlyAbove(a.byUser.launched, b.byUser.launched);
}

/** Of the trials within noise of the best whose launched part is clearly higher, the one with the highest; else the best. The first of equals. */
export function chooseTrial<T extends Measured>(trials: readonly T[], newShare: number): T {
  const best = bestTrial(trials);
  const near = trials.filter((trial) => showsMore(trial, best) && isNearTie(best, trial, newShare));
  return near.reduce((a, b) => (b.figures.launched > a.figures.launched ? b : a), best);
}
