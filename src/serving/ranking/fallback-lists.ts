/**
 * Lists without the model, by the names that these have in evaluations: for a user whom the data do not know, and for places that rules
 * leave empty.
 */
import { nearestGroup, type UserGroups } from "../../baselines/popular-in-cluster.ts";
import { type Interactions, itemSupport } from "../../data/interactions.ts";
import { rowOf, zeros } from "../../math/matrix.ts";
import type { Finder } from "./finder.ts";
import type { Hit } from "./item-index.ts";

export const fallbackModels = ["popularity", "popular-in-cluster"] as const;

export type FallbackModel = (typeof fallbackModels)[number];

/** What is known of who takes what. */
export interface Takers {
  readonly interactions: Interactions;
  readonly userGroups: () => Promise<UserGroups>;
  /** n flags: 0 for items that are never listed; all are where absent. */
  readonly listable?: Uint8Array;
}

/**
 * Finds what is taken most: by all, or by the group nearest to what is known of the owner, a user vector. Items that nobody took are
 * never found.
 */
export async function fallbackFinder(
  { interactions, userGroups, listable }: Takers,
  model: FallbackModel,
  known: (owner: number) => { readonly like?: Float32Array; readonly exclude: Iterable<number> },
): Promise<Finder> {
  const groups = model === "popularity" ? everybody(interactions) : await userGroups();
  const orderFor = (like: Float32Array | undefined): readonly Hit[] => orderOf(groups, nearestGroup(groups, like));
  const isListable = (row: number) => listable?.[row] !== 0;
  return async ({ owners, count, allow, exclude }) =>
    owners.map((owner, i) => {
      const { like, exclude: own } = known(owner);
      const excluded = new Set([...own, ...exclude[i]]);
      return firstFew(orderFor(like), count, ({ row }) => isListable(row) && allow?.[row] !== 0 && !excluded.has(row));
    });
}

type Groups = Pick<UserGroups, "centers" | "counts">;

/** One group, the same for the same interactions. */
function everybody(interactions: Interactions): Groups {
  const known = everybodys.get(interactions);
  if (known !== undefined) return known;
  const counts = { rows: 1, columns: interactions.columns, values: Float32Array.from(itemSupport(interactions)) };
  const groups = { centers: zeros(0, 0), counts };
  everybodys.set(interactions, groups);
  return groups;
}

const everybodys = new WeakMap<Interactions, Groups>();

/** The order of a group is found once: a service is asked for it at every visit of a stranger. */
function orderOf(groups: Groups, group: number): readonly Hit[] {
  const known = orders.get(groups) ?? new Map<number, readonly Hit[]>();
  orders.set(groups, known);
  const order = known.get(group) ?? mostTaken(rowOf(groups.counts, group));
  known.set(group, order);
  return order;
}

const orders = new WeakMap<Groups, Map<number, readonly Hit[]>>();

/** Best first, ties by lower row. */
function mostTaken(counts: Float32Array): Hit[] {
  const hits = Array.from(counts, (score, row) => ({ row, score })).filter(({ score }) => score > 0);
  return hits.sort((a, b) => b.score - a.score || a.row - b.row);
}

function firstFew(hits: readonly Hit[], count: number, isWanted: (hit: Hit) => boolean): Hit[] {
  const few: Hit[] = [];
  for (const hit of hits) {
    if (few.length === count) break;
    if (isWanted(hit)) few.push(hit);
  }
  return few;
}
