/**
 * Search by what people type: items whose title has every word (as the beginning of a word), then others in the order of two lists
 * joined by reciprocal ranks (Cormack 2009): by words of title and description, and by the content of the text as that of a title.
 */
import { z } from "zod";
import { cosineOf } from "../../math/cosine.ts";
import { rowOf } from "../../math/matrix.ts";
import { parseOptions } from "../../options.ts";
import type { BundleSession } from "../bundle-session.ts";
import { type Hit, searchIndex } from "../ranking/item-index.ts";
import { similarToVector } from "../ranking/similar-items.ts";
import type { EmbedOne } from "../vectors/new-item-batches.ts";
import { type ListedItem, listedItem } from "./listed-items.ts";
import { countOption } from "./request-options.ts";

export const searchRequestSchema = z.strictObject({
  text: z.string().min(1).max(500).describe("what someone types"),
  count: countOption,
  meaning: z.boolean().default(true).describe("fill the list with items near in meaning"),
});

export type SearchRequest = z.input<typeof searchRequestSchema>;

export interface FoundItem extends ListedItem {
  /** Whether the title has all words, title and description have some, or the meaning alone is near. */
  readonly match: "id" | "title" | "words" | "meaning";
}

export interface SearchAnswer {
  readonly found: readonly FoundItem[];
}

/** The item of that id, titles by falling support, then words and meaning together. Errors: those of encoders. */
export async function answerSearch(
  session: BundleSession,
  request: SearchRequest,
  embedOne: EmbedOne,
): Promise<SearchAnswer> {
  const { text, count, meaning } = parseOptions(searchRequestSchema, request, "search");
  const own = session.hasItem(text) ? [session.itemRow(text)] : [];
  const titled = rowsTitled(session, text).filter((row) => !own.includes(row));
  const named = [
    ...own.map((row) => foundItem(session, row, "id")),
    ...titled.map((row) => foundItem(session, row, "title")),
  ].slice(0, count);
  if (!meaning || named.length === count) return { found: named };
  const depth = Math.max(LEAST_DEPTH, count);
  const before = new Set([...own, ...titled]);
  const isListed = (row: number) => isListable(session, row) && !before.has(row);
  const worded = (await session.words()).search(text, session.bundle.catalog, depth, isListed);
  const { similar } = await embedOne({ id: "search", title: text });
  const near = await nearContent(session, rowOf(similar, 0), { count: depth, exclude: before });
  const isWorded = new Set(worded.map(({ row }) => row));
  const joined = joinedByRank([worded, near]).slice(0, count - named.length);
  return {
    found: [...named, ...joined.map((row) => foundItem(session, row, isWorded.has(row) ? "words" : "meaning"))],
  };
}

function foundItem(session: BundleSession, row: number, match: FoundItem["match"]): FoundItem {
  return { match, ...listedItem(session, row) };
}

/** Places of each list that are joined. */
const LEAST_DEPTH = 100;

/** The usual constant: the first places differ little, so that one list alone does not decide. */
const RANK_OFFSET = 60;

/** Rows by the sum of 1 / (60 + place) over the lists, ties by lower row. */
function joinedByRank(lists: readonly (readonly Hit[])[]): number[] {
  const sums = new Map<number, number>();
  for (const hits of lists) {
    for (const [place, { row }] of hits.entries()) {
      sums.set(row, (sums.get(row) ?? 0) + 1 / (RANK_OFFSET + 1 + place));
    }
  }
  return [...sums].sort(([a, sumOfA], [b, sumOfB]) => sumOfB - sumOfA || a - b).map(([row]) => row);
}

/**
 * Items by the cosine of their content. What people did says nothing of a text, and items of long vectors would be near to every one.
 * Candidates have the largest products of the content columns.
 */
async function nearContent(
  session: BundleSession,
  vector: Float32Array,
  { count, exclude }: { readonly count: number; readonly exclude: Iterable<number> },
): Promise<Hit[]> {
  const { embeddings, similar } = session.bundle.model;
  const index = session.similar();
  const from = similar?.behaviour ?? embeddings.rank;
  if (from >= vector.length) return similarToVector(index, vector, { count, exclude });
  const query = vector.slice().fill(0, 0, from);
  const hits = await searchIndex(index, query, { count: 2 * count, exclude, normExponent: 0 });
  const content = query.subarray(from);
  return hits
    .map(({ row }) => ({ row, score: cosineOf(content, rowOf(index.vectors, row).subarray(from)) ?? 0 }))
    .sort((a, b) => b.score - a.score || a.row - b.row)
    .slice(0, count);
}

function isListable({ listable }: BundleSession, row: number): boolean {
  return listable === undefined || listable[row] === 1;
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
  const rows = Array.from(catalog.titles.keys()).filter(
    (row) => isListable(session, row) && hasWords(catalog.titles[row].toLowerCase(), wanted),
  );
  return rows.sort((a, b) => support[b] - support[a] || a - b);
}

function hasWords(title: string, wanted: readonly string[]): boolean {
  return wanted.every((word) => title.startsWith(word) || title.includes(` ${word}`));
}
