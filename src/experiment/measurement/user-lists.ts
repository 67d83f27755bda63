/** The lists that some users of a training side are shown under rules, as a bundle of it would make them. */
import type { Interactions } from "../../data/interactions.ts";
import { type Matrix, rowOf, takeRows, takeSparseRows } from "../../math/matrix.ts";
import type { ReadyRule } from "../../rules/prepared-rules.ts";
import type { RuleWorld } from "../../rules/rule-kind.ts";
import { blockFinder } from "../../serving/ranking/block-finder.ts";
import { fallbackFinder, type Takers } from "../../serving/ranking/fallback-lists.ts";
import type { Hit, ItemIndex } from "../../serving/ranking/item-index.ts";
import { ruledAnswers } from "../../serving/requests/ruled-answer.ts";

export interface ListMaker {
  readonly index: ItemIndex;
  readonly world: RuleWorld;
  /** users x d. */
  readonly userVectors: Matrix;
  /** The tail dial. */
  readonly tail: number;
  readonly train: Interactions;
  readonly takers: Takers;
  readonly userIds: readonly string[];
  readonly count: number;
}

/** One list for each of the users in `block`. */
export async function listsForUsers(
  { index, world, userVectors, tail, train, takers, userIds, count }: ListMaker,
  block: Uint32Array,
  rules: readonly ReadyRule[],
): Promise<(readonly Hit[])[]> {
  const queries = takeRows(userVectors, block);
  const owners = Array.from(block, (user, i) => ({
    history: train.indices.subarray(train.indptr[user], train.indptr[user + 1]),
    user: userIds[user],
    query: rowOf(queries, i),
    normExponent: tail,
  }));
  const answers = await ruledAnswers({
    owners,
    rules,
    count,
    items: train.columns,
    find: blockFinder(index, { queries, exclude: takeSparseRows(train, block), normExponent: tail }, world.spread),
    fallback: "popularity",
    findFallback: () => fallbackFinder(takers, "popularity", (place) => ({ exclude: owners[place].history })),
  });
  return answers.map(({ hits }) => hits);
}
