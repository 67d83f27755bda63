/**
 * Ranks of held-out items by counting, without sorting the catalog:
 *
 *   rank(t) = 1 + #{candidates that score higher than t} + #{candidates that tie with t and have a lower row number}
 *
 * Each candidate is placed once among the targets (best first) by bisection; prefix sums give the ranks.
 */

/**
 * Ranks of `targets` among `candidates` (rows of `scores`), ascending: the rank of the best target first.
 * A target counts against the targets below it when it is a candidate. Candidates at -Infinity are out of the race.
 */
export function ranksOf(scores: Float32Array, candidates: Uint32Array, targets: Uint32Array): Uint32Array {
  const order = targets.slice().sort((a, b) => scores[b] - scores[a] || a - b);
  const lowest = scores[order[order.length - 1]];
  const ahead = new Uint32Array(order.length + 1);
  for (let i = 0; i < candidates.length; i++) {
    const row = candidates[i];
    // Most candidates score below every target: one comparison settles them.
    if (scores[row] >= lowest) ahead[firstBeaten(scores, order, row)]++;
  }
  const ranks = new Uint32Array(order.length);
  let better = 0;
  for (let j = 0; j < order.length; j++) {
    better += ahead[j];
    ranks[j] = 1 + better;
  }
  return ranks;
}

/** The first place of `order` whose target ranks below `row`; `order.length` when none does. */
function firstBeaten(scores: Float32Array, order: Uint32Array, row: number): number {
  let low = 0;
  let high = order.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const target = order[middle];
    const beaten = scores[row] > scores[target] || (scores[row] === scores[target] && row < target);
    if (beaten) high = middle;
    else low = middle + 1;
  }
  return low;
}
