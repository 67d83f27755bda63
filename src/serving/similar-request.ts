/** The request for items like an item: its list, and on demand that of behaviour alone or of content alone beside it. */
import { z } from "zod";
import { parseOptions } from "../options.ts";
import type { BundleSession } from "./bundle-session.ts";
import type { ItemIndex } from "./item-index.ts";
import { type ListedItem, listedItem, listedItems } from "./listed-items.ts";
import { countOption } from "./request-options.ts";
import { similarItems } from "./similar-items.ts";

export const comparedModels = ["als", "prior"] as const;

export type ComparedModel = (typeof comparedModels)[number];

export const similarRequestSchema = z.strictObject({
  item: z.string().describe("the item's id"),
  count: countOption,
  compare: z
    .enum(comparedModels)
    .optional()
    .describe("give the list of behaviour alone (als) or of content alone (prior) as well"),
});

export type SimilarRequest = z.input<typeof similarRequestSchema>;

export interface SimilarAnswer {
  readonly item: ListedItem;
  readonly compare?: ComparedModel;
  /** By the compared model; empty where it has no vector for the item, which is like nothing there. */
  readonly before?: readonly ListedItem[];
  readonly similar: readonly ListedItem[];
  /** Why `similar` is empty, where it is. */
  readonly reason?: string;
}

/** The nearest items of one item. UNKNOWN_ITEM with the nearest ids or titles; INVALID_OPTIONS. */
export async function answerSimilar(session: BundleSession, request: SimilarRequest): Promise<SimilarAnswer> {
  const { item, count, compare } = parseOptions(similarRequestSchema, request, "similar");
  const row = session.itemRow(item);
  const similar = listedItems(session, await similarItems(session.index, row, { count }));
  const found = { similar, ...(similar.length === 0 && { reason: "the catalog has no other item" }) };
  if (compare === undefined) return { item: listedItem(session, row), ...found };
  const before = listedItems(session, await similarBy(session.parts[compare](), row, count));
  return { item: listedItem(session, row), compare, before, ...found };
}

function similarBy(index: ItemIndex, row: number, count: number) {
  return index.norms[row] === 0 ? [] : similarItems(index, row, { count });
}
