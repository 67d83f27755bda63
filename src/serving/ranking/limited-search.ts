/**
 * The best items of owners who are each limited to some, exact. Owners of the same limit are searched together under its mask. Where nearly
 * everyone has a limit of their own, such as a band around a price, one search of all goes deeper. Each takes what its limit lets
 * through: the first k that pass of the best k' are the best k of what passes. Whoever finds too few is searched again.
 */
import type { Limit } from "../../rules/rule-kind.ts";
import type { Finder } from "./finder.ts";
import { both, type Hit } from "./item-index.ts";

export interface LimitedRequest {
  /** Places of the owners in their block. */
  readonly places: readonly number[];
  readonly count: number;
  /** n flags for everybody; every item where absent. */
  readonly allow?: Uint8Array;
  /** By place; undefined for who is not limited. */
  readonly limits: readonly (Limit | undefined)[];
  /** By place: rows that are not listed. */
  readonly exclude: readonly (readonly number[])[];
  readonly reach: number;
}

type Lists = Map<number, readonly Hit[]>;

/** Owners of one limit for whom its mask is worth making. */
const WORTH_A_MASK = 32;
/** How much deeper a search of all goes than a list, and again where that was not enough. */
const DEEPER = 4;
const DEEPEST = 4096;
/** Owners by whom it is tried whether limits let enough through. */
const TRIAL = 32;

/** One list a place, best first, at most `count` long; shorter ones hold all there is. */
export async function limitedHits(find: Finder, request: LimitedRequest): Promise<readonly (readonly Hit[])[]> {
  const { places, limits } = request;
  const lists: Lists = new Map();
  const free = places.filter((place) => limits[place] === undefined);
  if (free.length > 0) await searchUnder(find, request, free, request.allow, lists);
  let bound = places.filter((place) => limits[place] !== undefined);
  if (groupsOf(bound, limits).length * WORTH_A_MASK > bound.length) bound = await sift(find, request, bound, lists);
  for (const group of groupsOf(bound, limits)) {
    await searchUnder(find, request, group, both(limits[group[0]]?.flags(), request.allow), lists);
  }
  return places.map((place) => lists.get(place) ?? []);
}

/** Places of one key together, in their order. */
function groupsOf(places: readonly number[], limits: LimitedRequest["limits"]): readonly (readonly number[])[] {
  const groups = new Map<string | undefined, number[]>();
  for (const place of places) {
    const group = groups.get(limits[place]?.key);
    if (group === undefined) groups.set(limits[place]?.key, [place]);
    else group.push(place);
  }
  return [...groups.values()];
}

async function searchUnder(
  find: Finder,
  { count, exclude, reach }: LimitedRequest,
  places: readonly number[],
  allow: Uint8Array | undefined,
  lists: Lists,
): Promise<void> {
  const found = await find({ owners: places, count, allow, exclude: places.map((place) => exclude[place]), reach });
  for (const [i, place] of places.entries()) lists.set(place, found[i]);
}

/** Lists for whom a deeper search of all gives enough; the places that it does not. */
async function sift(find: Finder, request: LimitedRequest, places: readonly number[], lists: Lists): Promise<number[]> {
  let waiting = [...places];
  for (let depth = DEEPER * request.count; waiting.length > 0 && depth <= DEEPEST; depth *= DEEPER) {
    const trial = waiting.filter((_, i) => i % Math.ceil(waiting.length / TRIAL) === 0);
    const failed = await siftAt(find, request, trial, depth, lists);
    const others = waiting.filter((place) => !trial.includes(place));
    if (2 * failed.length > trial.length) return [...failed, ...others].sort((a, b) => a - b);
    const left = others.length === 0 ? [] : await siftAt(find, request, others, depth, lists);
    waiting = [...failed, ...left].sort((a, b) => a - b);
  }
  return waiting;
}

/** The places of which too few of the best `depth` pass. */
async function siftAt(
  find: Finder,
  { count, allow, limits, exclude, reach }: LimitedRequest,
  places: readonly number[],
  depth: number,
  lists: Lists,
): Promise<number[]> {
  const found = await find({
    owners: places,
    count: depth,
    allow,
    exclude: places.map((place) => exclude[place]),
    reach,
  });
  return places.filter((place, i) => {
    const passing = found[i].filter(({ row }) => limits[place]?.allows(row));
    const isWhole = passing.length >= count || found[i].length < depth;
    if (isWhole) lists.set(place, passing.slice(0, count));
    return !isWhole;
  });
}
