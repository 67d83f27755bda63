/** Where x would stand among ascending values: the first place in [low, high) whose value is not below x, else high. By halving. */
export function lowerBound<T extends number | string>(
  ascending: ArrayLike<T>,
  x: T,
  low = 0,
  high = ascending.length,
): number {
  let [from, to] = [low, high];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (ascending[middle] < x) from = middle + 1;
    else to = middle;
  }
  return from;
}
