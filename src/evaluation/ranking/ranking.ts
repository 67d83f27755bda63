/**
 * The rank of a held-out item by counting, without sorting the catalog:
 *
 *   rank(t) = 1 + #{candidates that score higher than t} + #{candidates that tie with t and stand before it}
 *
 * Candidates stand in a seeded order, which settles ties (`tie-order.ts`); their lists settle them the same way.
 */
import { UNRANKED } from "../metrics/metric-values.ts";

/**
 * Rank of row `target` among `candidates`: rows of `scores`, ascending by `places`, the place of each item in the order of ties.
 * Candidates at -Infinity do not compete. A rank beyond `depth` may be UNRANKED: who scores low is given up early.
 */
export function rankOf(
  scores: Float32Array,
  candidates: Uint32Array,
  target: number,
  places: Uint32Array,
  depth = Number.POSITIVE_INFINITY,
): number {
  const score = scores[target];
  const before = countBefore(candidates, places, places[target]);
  let rank = 1;
  for (let begin = 0; begin < candidates.length; begin += LOOK) {
    const end = Math.min(candidates.length, begin + LOOK);
    const turn = Math.min(Math.max(before, begin), end);
    // Number(a >= b) compiles to no branch: 1.5 ns a candidate against 5 for `if`, which scores make unpredictable.
    for (let i = begin; i < turn; i++) rank += Number(scores[candidates[i]] >= score);
    for (let i = turn; i < end; i++) rank += Number(scores[candidates[i]] > score);
    if (rank > depth) return UNRANKED;
  }
  return rank;
}

/** Candidates between two looks at the depth. */
const LOOK = 256;

/** How many candidates stand before a place, by bisection. */
function countBefore(candidates: Uint32Array, places: Uint32Array, place: number): number {
  let low = 0;
  let high = candidates.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (places[candidates[middle]] < place) low = middle + 1;
    else high = middle;
  }
  return low;
}
