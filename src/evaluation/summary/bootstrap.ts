/**
 * Percentile bootstrap over users, or over items (Efron 1979). One draw of units with replacement serves all series of a table, so
 * that differences between contenders are paired: the noise that the units share cancels. With weights a figure is the ratio
 * sum of values / sum of weights, both over the units drawn.
 * A two-sided p is twice the smaller share of resampled differences on one side of 0, counted with the observed one
 * (Davison and Hinkley 1997, section 4.2).
 */
import { createRandom } from "../../math/random.ts";
import { quantile } from "../../math/statistics.ts";

export interface BootstrapOptions {
  readonly resamples: number;
  readonly seed: number;
  /** Draws that tables share; each draws its own when absent, the same ones. */
  readonly draws?: Draws;
}

/** How often each of n units was drawn, resample after resample (resamples x n); undefined where that is too much to keep. */
export type Draws = (n: number) => Uint16Array | undefined;

/** Bytes of draws of one number of units; 20,000 users a thousand times are 40 MB. */
const MOST_BYTES = 2 ** 26;

/** The last two numbers of units are kept: those of the users and of the items of a slice, which two tables share. */
export function createDraws(options: BootstrapOptions): Draws {
  const kept = new Map<number, Uint16Array>();
  return (n) => {
    if (2 * n * options.resamples > MOST_BYTES) return undefined;
    const known = kept.get(n) ?? drawAll(n, options);
    kept.delete(n);
    kept.set(n, known);
    const [oldest] = kept.keys();
    if (kept.size > 2) kept.delete(oldest);
    return known;
  };
}

function drawAll(n: number, { resamples, seed }: BootstrapOptions): Uint16Array {
  const random = createRandom(seed);
  const counts = new Uint16Array(resamples * n);
  for (let b = 0; b < resamples; b++) for (let draw = 0; draw < n; draw++) counts[b * n + random.integer(n)]++;
  return counts;
}

/** The counts of resample b, asked for in order. */
function countsOf(n: number, { seed, draws }: BootstrapOptions): (b: number) => Uint16Array | Uint32Array {
  const kept = draws?.(n);
  if (kept !== undefined) return (b) => kept.subarray(b * n, (b + 1) * n);
  const random = createRandom(seed);
  const counts = new Uint32Array(n);
  return () => {
    counts.fill(0);
    for (let draw = 0; draw < n; draw++) counts[random.integer(n)]++;
    return counts;
  };
}

export type Interval = readonly [low: number, high: number];

/**
 * Means of every series (n values each, one a unit) in every resample: one array of `resamples` means per series. Values are summed
 * and divided by the sum of `weights` (n, all > 0); by n when absent.
 */
export function resampledMeans(
  series: readonly Float64Array[],
  options: BootstrapOptions,
  weights?: Float64Array,
): Float64Array[] {
  const n = series[0]?.length ?? 0;
  const sparse = series.map(nonZeros);
  const means = series.map(() => new Float64Array(options.resamples));
  const drawn = countsOf(n, options);
  for (let b = 0; b < options.resamples; b++) {
    const counts = drawn(b);
    const total = weights === undefined ? n : drawnWeight(weights, counts);
    for (let s = 0; s < series.length; s++) means[s][b] = weightedSum(sparse[s], counts) / total;
  }
  return means;
}

interface NonZeros {
  readonly places: Uint32Array;
  readonly values: Float64Array;
}

/** On Amazon Scientific nine in ten users have no hit in a list of ten: their zeros need no sum. */
function nonZeros(values: Float64Array): NonZeros {
  const places = Uint32Array.from(values.keys()).filter((i) => values[i] !== 0);
  return { places, values: Float64Array.from(places, (i) => values[i]) };
}

function weightedSum({ places, values }: NonZeros, counts: Uint16Array | Uint32Array): number {
  let sum = 0;
  for (let i = 0; i < places.length; i++) sum += counts[places[i]] * values[i];
  return sum;
}

function drawnWeight(weights: Float64Array, counts: Uint16Array | Uint32Array): number {
  let sum = 0;
  for (let i = 0; i < weights.length; i++) sum += counts[i] * weights[i];
  return sum;
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
