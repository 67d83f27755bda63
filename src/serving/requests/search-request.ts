/**
 * Search by what people type: items whose title has every word (as the beginning of a word), then items near in meaning to the
 * text, which is embedded like the title of a new item.
 */
import { z } from "zod";
import { rowOf } from "../../math/matrix.ts";
import { parseOptions } from "../../options.ts";
import type { BundleSession } from "../bundle-session.ts";
import { similarToVector } from "../ranking/similar-items.ts";
import type { EmbedOne } from "../vectors/new-item-batches.ts";
import { type ListedItem, listedItem, listedItems } from "./listed-items.ts";
import { countOption } from "./request-options.ts";

export const searchRequestSchema = z.strictObject({
  text: z.string().min(1).max(500).describe("what someone types"),
  count: countOption,
  meaning: z.boolean().default(true).describe("fill the list with items near in meaning"),
});

export type SearchRequest = z.input<typeof searchRequestSchema>;

export interface FoundItem extends ListedItem {
  /** Whether the title has the words, or the meaning is near. */
  readonly match: "id" | "title" | "meaning";
}

export interface SearchAnswer {
  readonly found: readonly FoundItem[];
}

/** The item of that id, titles by falling support, then meaning by falling likeness. Errors: those of encoders. */
export async function answerSearch(
  session: BundleSession,
  request: SearchRequest,
  embedOne: EmbedOne,
): Promise<SearchAnswer> {
  const { text, count, meaning } = parseOptions(searchRequestSchema, request, "search");
  const own = session.hasItem(text) ? [session.itemRow(text)] : [];
  const titled = rowsTitled(session, text).filter((row) => !own.includes(row));
  const named = [
    ...own.map((row) => ({ ...listedItem(session, row), match: "id" as const })),
    ...titled.map((row) => ({ ...listedItem(session, row), match: "title" as const })),
  ].slice(0, count);
  if (!meaning || named.length === count) return { found: named };
  const { similar } = await embedOne({ id: "search", title: text });
  const exclude = [...own, ...titled];
  const near = await similarToVector(session.similar(), rowOf(similar, 0), {
    count: count - named.length,
    exclude,
  });
  return { found: [...named, ...listedItems(session, near).map((item) => ({ ...item, match: "meaning" as const }))] };
}

/** Rows whose title has every word of the text as the beginning of one of its own, by falling support, then lower row. */
function rowsTitled(session: BundleSession, text: string): number[] {
  const { catalog, model } = session.bundle;
  const wanted = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  if (wanted.length === 0) return [];
  const { support } = model.embeddings;
  const rows = Array.from(catalog.titles.keys()).filter((row) => hasWords(catalog.titles[row].toLowerCase(), wanted));
  return rows.sort((a, b) => support[b] - support[a] || a - b);
}

function hasWords(title: string, wanted: readonly string[]): boolean {
  return wanted.every((word) => title.startsWith(word) || title.includes(` ${word}`));
}
