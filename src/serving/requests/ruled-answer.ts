/** Lists under rules as they are answered: what the rules leave, what the fallback fills, and why, where a list is short. */
import { bindingRules, type ReadyRule, reasonFor } from "../../rules/prepared-rules.ts";
import type { ListOwner } from "../../rules/rule-kind.ts";
import type { FallbackModel } from "../ranking/fallback-lists.ts";
import type { Finder } from "../ranking/finder.ts";
import type { Hit } from "../ranking/item-index.ts";
import { ruledLists } from "../ranking/ruled-search.ts";

export interface RuledAnswer {
  readonly hits: readonly Hit[];
  /** How many of the hits, the last ones, the fallback filled in. */
  readonly filled: number;
  /** Why the rules leave fewer than asked for; absent where they do not, or where there is no rule. */
  readonly reason?: string;
}

export interface RuledQuestion {
  readonly owners: readonly ListOwner[];
  readonly rules: readonly ReadyRule[];
  readonly count: number;
  /** Items of the catalog. */
  readonly items: number;
  readonly find: Finder;
  /** What fills, where rules give way. */
  readonly fallback: FallbackModel;
  readonly findFallback: () => Promise<Finder>;
}

export async function ruledAnswers(question: RuledQuestion): Promise<readonly RuledAnswer[]> {
  const { owners, rules, count, items, find } = question;
  const lists = await ruledLists({ owners, rules, count, find });
  const filled = await filledLists(question, lists);
  return owners.map((owner, place): RuledAnswer => {
    const hits = filled.get(place) ?? lists[place];
    const left = lists[place].length;
    if (left >= count || rules.length === 0) return { hits, filled: 0 };
    const added = hits.length - left;
    const filling = added > 0 ? `; ${added} filled by ${question.fallback}` : "";
    return { hits, filled: added, reason: `${reasonFor(rules, owner, items)}${filling}` };
  });
}

/** By the places of short lists, these with what the fallback finds under the rules that never give way. */
async function filledLists(
  { owners, rules, count, findFallback }: RuledQuestion,
  lists: readonly (readonly Hit[])[],
): Promise<ReadonlyMap<number, readonly Hit[]>> {
  const binding = bindingRules(rules);
  const short = [...lists.keys()].filter((place) => lists[place].length < count);
  if (binding.length === rules.length || short.length === 0) return new Map();
  const find = await findFallback();
  const filled = await ruledLists({
    owners: short.map((place) => owners[place]),
    rules: asTheyCome(binding),
    count,
    find: (request) => find({ ...request, owners: request.owners.map((place) => short[place]) }),
    standing: short.map((place) => lists[place]),
  });
  return new Map(short.map((place, i) => [place, inOrder(lists[place], filled[i])]));
}

/** What was filled in has counts for scores; here the scores only keep the order. */
function inOrder(listed: readonly Hit[], all: readonly Hit[]): Hit[] {
  const lowest = Math.min(0, ...listed.map(({ score }) => score));
  return all.map((hit, place) => (place < listed.length ? hit : { ...hit, score: lowest - 1 - place }));
}

/** Rules without those that change scores of the model: the fallback has scores of another kind. */
export function asTheyCome(rules: readonly ReadyRule[]): ReadyRule[] {
  return rules.map((rule) => ({ ...rule, effect: { ...rule.effect, adjust: undefined, reach: undefined } }));
}
