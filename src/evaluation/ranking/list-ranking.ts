/** Ranks of targets in lists that somebody else made: a slice's list is what is left of the whole one when other items leave it. */
import type { ListedContender } from "./scorer.ts";
import { placeTargets, type RankingRequest, type TargetRanks } from "./target-ranks.ts";

/** Fills `targetRanks`. Training items and items outside the candidate sets are passed over. */
export function rankLists(
  { lists }: ListedContender,
  { train, test, candidateSets, tieOrder: { places: order }, listLength }: RankingRequest,
  rows: Uint32Array,
  targetRanks: TargetRanks,
): void {
  const competes = candidateSets.map((candidateSet) => {
    const flags = new Uint8Array(train.columns);
    for (const row of candidateSet.rows) flags[row] = 1;
    return flags;
  });
  for (const [i, row] of rows.entries()) {
    const seen = new Set(train.indices.subarray(train.indptr[row], train.indptr[row + 1]));
    const places = Uint32Array.from(
      { length: lists.indptr[row + 1] - lists.indptr[row] },
      (_, p) => lists.indptr[row] + p,
    );
    places.sort((a, b) => lists.values[b] - lists.values[a] || order[lists.indices[a]] - order[lists.indices[b]]);
    const listed = Int32Array.from(places, (place) => lists.indices[place]).filter((item) => !seen.has(item));
    for (const [r, candidateSet] of candidateSets.entries()) {
      const list = listed.filter((item) => competes[r][item] !== 0);
      placeTargets(candidateSet, list, test, row, targetRanks.ranks[r]);
      if (r === 0) targetRanks.lists.set(list.subarray(0, listLength), i * listLength);
    }
  }
}
