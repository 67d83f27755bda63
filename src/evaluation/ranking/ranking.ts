/**
 * The rank of a held-out item by counting, without sorting the catalog:
 *
 *   rank(t) = 1 + #{candidates that score higher than t} + #{candidates that tie with t and have a lower row number}
 *
 * The served lists break ties the same way. A constant score thus ranks by row number, and where the catalog is sorted by
 * popularity it does better than chance: compare with `random`, not with 0.
 */

/** Rank of row `target` among `candidates` (rows of `scores`, ascending). Candidates at -Infinity do not compete. */
export function rankOf(scores: Float32Array, candidates: Uint32Array, target: number): number {
  const score = scores[target];
  let rank = 1;
  let i = 0;
  // Number(a >= b) compiles to no branch: 1.5 ns a candidate against 5 for `if`, which scores make unpredictable.
  for (; i < candidates.length && candidates[i] < target; i++) rank += Number(scores[candidates[i]] >= score);
  for (; i < candidates.length; i++) rank += Number(scores[candidates[i]] > score);
  return rank;
}

/** The best `count` rows of `candidates` in the same order, -1 beyond the last; those at -Infinity do not compete. */
export function bestRows(scores: Float32Array, candidates: Uint32Array, count: number): Int32Array {
  const best = new Int32Array(count).fill(-1);
  const bestScores = new Float32Array(count).fill(-Infinity);
  for (const row of candidates) {
    if (!(scores[row] > bestScores[count - 1])) continue;
    let place = count - 1;
    for (; place > 0 && scores[row] > bestScores[place - 1]; place--) {
      bestScores[place] = bestScores[place - 1];
      best[place] = best[place - 1];
    }
    bestScores[place] = scores[row];
    best[place] = row;
  }
  return best;
}
