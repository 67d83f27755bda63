/** Comparisons of whole arrays: one assertion a claim, not one an element. */

/** The largest absolute difference; NaN when any element is NaN or the lengths differ. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.NaN;
  return Array.from(a).reduce((worst, value, p) => Math.max(worst, Math.abs(value - b[p])), 0);
}

export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Array.from(a).reduce((sum, value, p) => sum + value * b[p], 0);
}

export function norm(a: ArrayLike<number>): number {
  return Math.sqrt(dot(a, a));
}

export function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return norm(Array.from(a, (value, p) => value - b[p]));
}
