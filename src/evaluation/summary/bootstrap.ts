/**
 * Percentile bootstrap over users, or over items (Efron 1979). One draw of units with replacement serves all series of a table, so
 * that differences between contenders are paired: the noise that the units share cancels. With weights a figure is the ratio
 * sum of values / sum of weights, both over the units drawn.
 * A two-sided p is twice the smaller share of resampled differences on one side of 0, counted with the observed one
 * (Davison and Hinkley 1997, section 4.2).
 */
import { defaultBackend } from "../../math/compute/backend.ts";
import { quantile } from "../../math/statistics.ts";

export interface BootstrapOptions {
  readonly resamples: number;
  readonly seed: number;
}

export type Interval = readonly [low: number, high: number];

/**
 * Means of every series (n values each, one a unit) in every resample: one array of `resamples` means per series. Values are summed
 * and divided by the sum of `weights` (n, all > 0); by n when absent.
 */
export async function resampledMeans(
  series: readonly Float64Array[],
  { resamples, seed }: BootstrapOptions,
  weights?: Float64Array,
): Promise<Float64Array[]> {
  const n = series[0]?.length ?? 0;
  const all = weights === undefined ? series : [...series, weights];
  const values = new Float64Array(all.length * n);
  for (const [s, one] of all.entries()) values.set(one, s * n);
  const rows = { rows: all.length, columns: n, values };
  const sums = await defaultBackend().resample({ series: rows, resamples, seed });
  const sumsOf = (s: number) => sums.values.subarray(s * resamples, (s + 1) * resamples);
  const total = weights && sumsOf(series.length);
  return series.map((_, s) => sumsOf(s).map((sum, b) => sum / (total === undefined ? n : total[b])));
}

/** The central 95 % of resampled values. */
export function interval95(resampled: Float64Array): Interval {
  const sorted = resampled.slice().sort();
  return [quantile(sorted, 0.025), quantile(sorted, 0.975)];
}

/** Interval and two-sided p of mean(a) - mean(b), from the resampled means of the same draws. */
export function pairedDifference(a: Float64Array, b: Float64Array): { readonly ci95: Interval; readonly p: number } {
  const differences = a.map((value, i) => value - b[i]);
  let notAbove = 0;
  let notBelow = 0;
  for (const difference of differences) {
    if (difference <= 0) notAbove++;
    if (difference >= 0) notBelow++;
  }
  const p = Math.min(1, (2 * (Math.min(notAbove, notBelow) + 1)) / (differences.length + 1));
  return { ci95: interval95(differences), p };
}

/** Holm's step-down adjustment (1979): the chance of any false finding in the family stays below the level. In the given order. */
export function holmAdjusted(ps: readonly number[]): number[] {
  const order = ps.map((_, i) => i).sort((a, b) => ps[a] - ps[b]);
  const adjusted = new Array<number>(ps.length);
  let largest = 0;
  for (const [step, i] of order.entries()) {
    largest = Math.max(largest, Math.min(1, (ps.length - step) * ps[i]));
    adjusted[i] = largest;
  }
  return adjusted;
}
