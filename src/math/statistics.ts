/** Small descriptive statistics over number arrays. */

export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return values.length === 0 ? Number.NaN : sum / values.length;
}

/** Sample standard deviation (n - 1 in the denominator). */
export function standardDeviation(values: ArrayLike<number>): number {
  const center = mean(values);
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i] - center) ** 2;
  return Math.sqrt(sum / (values.length - 1));
}

/** Linear interpolation between order statistics (type 7 of Hyndman and Fan); `sorted` ascending, q in [0, 1]. */
export function quantile(sorted: ArrayLike<number>, q: number): number {
  const position = q * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.ceil(position);
  return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
}

/** Standard errors beyond which a difference is clear: the normal quantile of .95, one-sided. */
export const CLEAR = 1.645;

/** Mean of a - b over the places where both are known (not NaN), and the variance of that mean; zeros for fewer than two. */
export function pairedMean(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
): { readonly mean: number; readonly variance: number } {
  let [sum, squares, count] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const difference = a[i] - b[i];
    if (Number.isNaN(difference)) continue;
    sum += difference;
    squares += difference ** 2;
    count++;
  }
  if (count < 2) return { mean: 0, variance: 0 };
  const centre = sum / count;
  return { mean: centre, variance: Math.max(0, squares / count - centre ** 2) / (count - 1) };
}

/** Whether a is above b by more than chance: a one-sided paired test at 5 %. */
export function isClearlyAbove(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  const { mean: difference, variance } = pairedMean(a, b);
  return difference > CLEAR * Math.sqrt(variance);
}
