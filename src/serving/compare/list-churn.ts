/** How lists of ten differ between two bundles: the share of the later list that was not in the earlier one, over a sample of owners. */
import { type Slice, sliceItems } from "../../data/slices.ts";
import { sharedRows } from "../../hybrid/alignment.ts";
import { takeRows, takeSparseRows } from "../../math/matrix.ts";
import type { BundleSession } from "../bundle-session.ts";
import { likenessQueries, searchBlock } from "../ranking/item-index.ts";

export const LIST_LENGTH = 10;
/** Owners whose lists are compared, evenly spread over all. */
const SAMPLE = 2000;

export interface SliceChurn {
  readonly slice: string;
  /** Lists compared. */
  readonly lists: number;
  /** Mean share of the later list that is new in it. */
  readonly churn: number;
}

/** Lists of similar items, by the slice of the item in the later bundle. */
export async function similarChurn(
  before: BundleSession,
  after: BundleSession,
  slices: readonly Slice[],
): Promise<readonly SliceChurn[]> {
  const pairs = sampleOf(sharedRows(before.bundle.catalog.ids, after.bundle.catalog.ids));
  const earlier = await similarLists(before, rowsOf(pairs, 0));
  const later = await similarLists(after, rowsOf(pairs, 1));
  const churns = later.map((list, i) => churnOf(earlier[i], list));
  const { support } = after.bundle.model.embeddings;
  return slices.flatMap((slice) => {
    const within = sliceItems(slice, support);
    const own = churns.filter((_, i) => within[pairs[i][1]] === 1);
    return own.length === 0 ? [] : [{ slice: slice.name, lists: own.length, churn: meanOf(own) }];
  });
}

export interface RecommendedChurn {
  readonly lists: number;
  readonly churn: number;
  /** Share of the catalog that is in any of the compared lists, before and after. */
  readonly coverage: readonly [number, number];
}

/** Lists of the users whom both know, at each bundle's own place of the tail dial. */
export async function recommendedChurn(before: BundleSession, after: BundleSession): Promise<RecommendedChurn> {
  const pairs = sampleOf(sharedRows(before.bundle.userIds, after.bundle.userIds));
  const earlier = await recommendedLists(before, rowsOf(pairs, 0));
  const later = await recommendedLists(after, rowsOf(pairs, 1));
  const coverage = (lists: readonly (readonly string[])[], { bundle }: BundleSession) =>
    new Set(lists.flat()).size / bundle.catalog.ids.length;
  return {
    lists: pairs.length,
    churn: meanOf(later.map((list, i) => churnOf(earlier[i], list))),
    coverage: [coverage(earlier, before), coverage(later, after)],
  };
}

function sampleOf<T>(all: readonly T[]): readonly T[] {
  const count = Math.min(SAMPLE, all.length);
  return Array.from({ length: count }, (_, i) => all[Math.floor((i * all.length) / count)]);
}

function rowsOf(pairs: readonly (readonly [number, number])[], side: 0 | 1): Uint32Array {
  return Uint32Array.from(pairs, (pair) => pair[side]);
}

async function similarLists({ similar, bundle }: BundleSession, rows: Uint32Array): Promise<string[][]> {
  const index = similar();
  const { queries, normExponent } = likenessQueries(index, rows);
  const found = await searchBlock(index, queries, { count: LIST_LENGTH + 1, normExponent });
  return Array.from(rows, (row, i) => {
    const hits = found.items.subarray(i * found.count, (i + 1) * found.count);
    const others = Array.from(hits).filter((hit) => hit !== row && hit >= 0);
    return others.slice(0, LIST_LENGTH).map((hit) => bundle.catalog.ids[hit]);
  });
}

async function recommendedLists({ index, bundle }: BundleSession, rows: Uint32Array): Promise<string[][]> {
  const { model, interactions, manifest, catalog } = bundle;
  const search = {
    count: LIST_LENGTH,
    exclude: takeSparseRows(interactions, rows),
    normExponent: manifest.tailDefault,
  };
  const found = await searchBlock(index, takeRows(model.userVectors, rows), search);
  return Array.from(rows, (_, i) => {
    const hits = Array.from(found.items.subarray(i * found.count, (i + 1) * found.count));
    return hits.filter((hit) => hit >= 0).map((hit) => catalog.ids[hit]);
  });
}

function churnOf(before: readonly string[], after: readonly string[]): number {
  const known = new Set(before);
  return after.length === 0 ? 0 : after.filter((id) => !known.has(id)).length / after.length;
}

function meanOf(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
