/**
 * Tests of a difference d with variance V that may be looked at as often as one likes: the mixture sequential probability ratio
 * (Robbins 1970; Johari 2017) with a normal mixture of variance t^2 over effects,
 *   L = sqrt(V / (V + t^2)) exp(t^2 d^2 / (2 V (V + t^2))),   p = min(1, 1 / L),
 * and its confidence sequence |d - effect|^2 <= V (V + t^2) / t^2 (2 log(1/alpha) + log((V + t^2) / V)).
 * t is the size of effect that one looks for: the test is valid for any, and quickest near it.
 */
import { normalQuantile } from "./normal.ts";

export interface SequentialResult {
  /** Valid at every look. */
  readonly p: number;
  readonly interval: readonly [low: number, high: number];
}

export function sequentialTest(difference: number, variance: number, effect: number, alpha = 0.05): SequentialResult {
  if (!(variance > 0)) return { p: 1, interval: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] };
  const mixture = effect ** 2;
  const total = variance + mixture;
  const logRatio = Math.log(variance / total) / 2 + (mixture * difference ** 2) / (2 * variance * total);
  const radius = Math.sqrt(((variance * total) / mixture) * (2 * Math.log(1 / alpha) + Math.log(total / variance)));
  return { p: Math.min(1, Math.exp(-logRatio)), interval: [difference - radius, difference + radius] };
}

/** Users a variant at which a test of one look finds a difference with the given power; `spread` is the standard deviation of a user. */
export function sampleSize(difference: number, spread: number, { alpha = 0.05, power = 0.8 } = {}): number {
  const reach = normalQuantile(1 - alpha / 2) + normalQuantile(power);
  return Math.ceil(2 * (reach * (spread / difference)) ** 2);
}
