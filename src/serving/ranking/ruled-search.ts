/**
 * Lists under rules: the best k among what the rules leave, found by the mask of the search, never by cutting afterwards. Rules that
 * arrange choose among more candidates than places, and among all there are where caps shut out too many of these.
 */
import { type Arrangement, arrange, arrangementOf } from "../../rules/arrangement.ts";
import { allowOf, excludedFor, ownLimitOf, type ReadyRule } from "../../rules/prepared-rules.ts";
import type { Limit, ListOwner } from "../../rules/rule-kind.ts";
import type { Finder } from "./finder.ts";
import { both, type Hit } from "./item-index.ts";
import { limitedHits } from "./limited-search.ts";

export interface ListRequest {
  readonly owners: readonly ListOwner[];
  readonly rules: readonly ReadyRule[];
  readonly count: number;
  readonly find: Finder;
  /** What stands in the first places of each list already. */
  readonly standing?: readonly (readonly Hit[])[];
}

/** One list an owner, at most `count` long. */
export async function ruledLists({ owners, rules, count, find, standing }: ListRequest): Promise<(readonly Hit[])[]> {
  const lists = owners.map((_, place) => standing?.[place] ?? []);
  const exclude = owners.map((owner, place) => [...excludedFor(rules, owner), ...lists[place].map(({ row }) => row)]);
  const limits = owners.map((owner) => ownLimitOf(rules, owner));
  const task = { owners, rules, exclude, limits, allow: allowOf(rules), find, arrangement: arrangementOf(rules) };
  let open = [...owners.keys()];
  for (let depth = depthFor(rules, count); open.length > 0; depth *= 8) {
    const found = await listPass(task, { places: open, depth, count, lists });
    for (const [i, { hits }] of found.entries()) lists[open[i]] = hits;
    open = open.filter((_, i) => !found[i].isAll && found[i].hits.length < count);
  }
  return lists;
}

/** Candidates a place, and candidates at least, where rules arrange. */
const CANDIDATES_A_PLACE = 5;
const FEWEST_CANDIDATES = 50;

function depthFor(rules: readonly ReadyRule[], count: number): number {
  const chooses = ({ effect: { cap, diversity, adjust } }: ReadyRule) => cap ?? diversity ?? adjust;
  return rules.some((rule) => chooses(rule) !== undefined)
    ? Math.max(FEWEST_CANDIDATES, CANDIDATES_A_PLACE * count)
    : count;
}

interface ListTask extends Pick<ListRequest, "owners" | "rules" | "find"> {
  readonly exclude: readonly (readonly number[])[];
  readonly limits: readonly (Limit | undefined)[];
  readonly allow?: Uint8Array;
  readonly arrangement: Arrangement;
}

interface ListPass {
  readonly places: readonly number[];
  readonly depth: number;
  readonly count: number;
  readonly lists: readonly (readonly Hit[])[];
}

interface PassedList {
  readonly hits: readonly Hit[];
  /** Whether every candidate there is was looked at. */
  readonly isAll: boolean;
}

async function listPass(task: ListTask, { places, depth, count, lists }: ListPass): Promise<PassedList[]> {
  const { owners, rules, exclude, limits, allow, find, arrangement } = task;
  const reach = rules.reduce((most, { effect }) => Math.max(most, effect.reach ?? 0), 0);
  const request = { places, count: depth, limits, exclude, reach };
  const main = await limitedHits(find, { allow, ...request });
  const kept: (readonly (readonly Hit[])[])[] = [];
  for (const { flags } of arrangement.lanes) {
    kept.push(await limitedHits(find, { allow: both(allow, flags), ...request }));
  }
  return places.map((place, i) => {
    const adjusted = (hits: readonly Hit[]) => adjust(rules, owners[place], hits);
    const candidates = { main: adjusted(main[i]), kept: kept.map((lane) => adjusted(lane[i])), listed: lists[place] };
    return { hits: arrange(arrangement, candidates, count), isAll: main[i].length < depth };
  });
}

/** The hits with the scores that the rules give them, best first, ties by lower row. */
function adjust(rules: readonly ReadyRule[], owner: ListOwner, hits: readonly Hit[]): readonly Hit[] {
  const adjusting = rules.flatMap(({ effect }) => (effect.adjust === undefined ? [] : [effect.adjust]));
  if (adjusting.length === 0) return hits;
  const adjusted = adjusting.reduce((candidates, change) => change(owner, candidates), hits);
  return [...adjusted].sort((a, b) => b.score - a.score || a.row - b.row);
}
