/**
 * Lists under rules: the best k among what the rules leave, found by the mask of the search, never by cutting afterwards. Rules that
 * arrange choose among more candidates than places, and among all there are where caps shut out too many of these.
 */
import { type Arrangement, arrange, arrangementOf } from "../../rules/arrangement.ts";
import { excludedFor, limitOf, type ReadyRule } from "../../rules/prepared-rules.ts";
import type { ListOwner } from "../../rules/rule-kind.ts";
import type { Hit } from "./item-index.ts";

export interface FinderRequest {
  /** Places of the owners in their block. */
  readonly owners: readonly number[];
  readonly count: number;
  /** n flags; every item where absent. */
  readonly allow?: Uint8Array;
  /** Rows that an owner is not listed, one entry an owner of the request. */
  readonly exclude: readonly (readonly number[])[];
  /** Standard deviations of the posterior that are added to what items are chosen by, not to the scores. */
  readonly reach: number;
}

/** The best `count` items of each owner, best first. */
export type Finder = (request: FinderRequest) => Promise<readonly (readonly Hit[])[]>;

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
  const task = { owners, rules, exclude, find, arrangement: arrangementOf(rules) };
  for (const { places, allow } of groupsOf(owners, rules)) {
    let open = places;
    for (let depth = depthFor(rules, count); open.length > 0; depth *= 8) {
      const found = await listGroup(task, { places: open, allow, depth, count, lists });
      for (const [i, { hits }] of found.entries()) lists[open[i]] = hits;
      open = open.filter((_, i) => !found[i].isAll && found[i].hits.length < count);
    }
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

interface OwnerGroup {
  readonly places: readonly number[];
  readonly allow?: Uint8Array;
}

/** Owners with the same flags are searched together. */
function* groupsOf(owners: readonly ListOwner[], rules: readonly ReadyRule[]): Generator<OwnerGroup> {
  const groups = new Map<string | undefined, { readonly places: number[]; readonly flags?: () => Uint8Array }>();
  for (const [place, owner] of owners.entries()) {
    const limit = limitOf(rules, owner);
    const group = groups.get(limit?.key) ?? { places: [], flags: limit?.flags };
    group.places.push(place);
    groups.set(limit?.key, group);
  }
  for (const { places, flags } of groups.values()) yield { places, allow: flags?.() };
}

interface GroupTask extends Pick<ListRequest, "owners" | "rules" | "find"> {
  readonly exclude: readonly (readonly number[])[];
  readonly arrangement: Arrangement;
}

interface GroupPass extends OwnerGroup {
  readonly depth: number;
  readonly count: number;
  readonly lists: readonly (readonly Hit[])[];
}

interface GroupList {
  readonly hits: readonly Hit[];
  /** Whether every candidate there is was looked at. */
  readonly isAll: boolean;
}

async function listGroup(task: GroupTask, { places, allow, depth, count, lists }: GroupPass): Promise<GroupList[]> {
  const { owners, rules, exclude, find, arrangement } = task;
  const reach = rules.reduce((most, { effect }) => Math.max(most, effect.reach ?? 0), 0);
  const request = { owners: places, count: depth, exclude: places.map((place) => exclude[place]), reach };
  const main = await find({ ...request, allow });
  const kept: (readonly (readonly Hit[])[])[] = [];
  for (const { flags } of arrangement.lanes) kept.push(await find({ ...request, allow: both(allow, flags) }));
  return places.map((place, i) => {
    const adjusted = (hits: readonly Hit[]) => adjust(rules, owners[place], hits);
    const candidates = { main: adjusted(main[i]), kept: kept.map((lane) => adjusted(lane[i])), listed: lists[place] };
    return { hits: arrange(arrangement, candidates, count), isAll: main[i].length < depth };
  });
}

function both(allow: Uint8Array | undefined, flags: Uint8Array): Uint8Array {
  return allow === undefined ? flags : flags.map((flag, row) => flag & allow[row]);
}

/** The hits with the scores that the rules give them, best first, ties by lower row. */
function adjust(rules: readonly ReadyRule[], owner: ListOwner, hits: readonly Hit[]): readonly Hit[] {
  const adjusting = rules.flatMap(({ effect }) => (effect.adjust === undefined ? [] : [effect.adjust]));
  if (adjusting.length === 0) return hits;
  const adjusted = adjusting.reduce((candidates, change) => change(owner, candidates), hits);
  return [...adjusted].sort((a, b) => b.score - a.score || a.row - b.row);
}
