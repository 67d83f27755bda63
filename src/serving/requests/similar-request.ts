/** The request for items like an item: its list, and on demand that of behaviour alone or of content alone beside it. */
import { z } from "zod";
import { rowOf } from "../../math/matrix.ts";
import { parseOptions } from "../../options.ts";
import type { BundleSession } from "../bundle-session.ts";
import { fallbackFinder } from "../ranking/fallback-lists.ts";
import { type ItemIndex, likenessExponent } from "../ranking/item-index.ts";
import { similarItems } from "../ranking/similar-items.ts";
import { rulesFor } from "./list-rules.ts";
import { type ListedItem, listedItem, listedItems } from "./listed-items.ts";
import { countOption, ruleOptions, wishOptions } from "./request-options.ts";
import { ruledAnswers } from "./ruled-answer.ts";

export const comparedModels = ["als", "prior"] as const;

export type ComparedModel = (typeof comparedModels)[number];

export const similarRequestSchema = z.strictObject({
  item: z.string().describe("the item's id"),
  count: countOption,
  ...wishOptions,
  ...ruleOptions,
  compare: z
    .enum(comparedModels)
    .optional()
    .describe("give the list of behaviour alone (als) or of content alone (prior) as well"),
});

export type SimilarRequest = z.input<typeof similarRequestSchema>;
type ParsedRequest = z.output<typeof similarRequestSchema>;

export interface SimilarAnswer {
  readonly item: ListedItem;
  readonly compare?: ComparedModel;
  /** By the compared model; empty where it has no vector for the item, which is like nothing there. */
  readonly before?: readonly ListedItem[];
  readonly similar: readonly ListedItem[];
  /** Why `similar` is shorter than asked for, or was filled. */
  readonly reason?: string;
  /** What is worth knowing of the rules: ids and values that nobody has. */
  readonly notes?: readonly string[];
}

/** The nearest items of one item. UNKNOWN_ITEM with the nearest ids or titles; INVALID_OPTIONS. */
export async function answerSimilar(session: BundleSession, request: SimilarRequest): Promise<SimilarAnswer> {
  const parsed = parseOptions(similarRequestSchema, request, "similar");
  const { item, count, compare } = parsed;
  const row = session.itemRow(item);
  const found = await ruledSimilar(session, row, parsed);
  if (compare === undefined) return { item: listedItem(session, row), ...found };
  const before = listedItems(session, await similarBy(session.parts[compare](), row, count));
  return { item: listedItem(session, row), compare, before, ...found };
}

/** The list under the rules; its finder asks as `similarItems` does. */
async function ruledSimilar(session: BundleSession, row: number, request: ParsedRequest) {
  const { bundle } = session;
  const index = session.similar();
  const rules = await rulesFor(session, request, "similar");
  const owners = [{ history: [row], query: rowOf(index.vectors, row), normExponent: likenessExponent(index) }];
  const [{ hits, filled, reason }] = await ruledAnswers({
    owners,
    rules,
    count: request.count,
    items: bundle.catalog.ids.length,
    find: async ({ count, allow, exclude }) => [await similarItems(index, row, { count, allow, exclude: exclude[0] })],
    fallback: "popularity",
    findFallback: () => fallbackFinder(session.takers, "popularity", () => ({ exclude: [row] })),
  });
  const notes = rules.flatMap((rule) => rule.notes);
  const why = reason ?? (hits.length === 0 ? "the catalog has no other item" : undefined);
  return {
    similar: listedItems(session, hits, { count: filled, by: "popularity" }),
    ...(why !== undefined && { reason: why }),
    ...(notes.length > 0 && { notes }),
  };
}

function similarBy(index: ItemIndex, row: number, count: number) {
  return index.norms[row] === 0 ? [] : similarItems(index, row, { count });
}
