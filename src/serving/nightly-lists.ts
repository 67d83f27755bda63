/**
 * Lists for everybody at once: similar items of every item, and recommendations for every user, exact, in blocks that the top-k kernel
 * searches together. Nothing but one block is ever in memory.
 */
import { z } from "zod";
import type { Bundle } from "../bundle/bundle.ts";
import { writeTogether } from "../data/files/atomic-write.ts";
import {
  type ListEntry,
  type ListTable,
  listTableFile,
  type OwnedList,
  requireListFormat,
} from "../data/files/list-table.ts";
import { requireDistinctOutputs, requireOutsideInputs } from "../data/files/output-paths.ts";
import { TailrecError } from "../errors.ts";
import type { TopK } from "../math/compute/compute-backend.ts";
import { type Matrix, type SparseMatrix, takeRows, takeSparseRows } from "../math/matrix.ts";
import { parseOptions } from "../options.ts";
import { type RunContext, throwIfInterrupted } from "../run-context.ts";
import { type BundleSession, openBundle } from "./bundle-session.ts";
import {
  type BlockSearch,
  createNearest,
  type Hit,
  type ItemIndex,
  likenessQueries,
  searchBlock,
} from "./item-index.ts";
import { reserveForNew } from "./new-places.ts";
import { countOption, newPlacesOption, tailOption } from "./request-options.ts";

export const listsRequestSchema = z
  .strictObject({
    similar: z.string().optional().describe("file of the similar items of every item: .parquet, .jsonl or .csv"),
    recommend: z.string().optional().describe("file of the recommendations for every user, likewise"),
    count: countOption,
    tail: tailOption,
    newPlaces: newPlacesOption,
    items: z
      .array(z.string())
      .readonly()
      .optional()
      .describe("ids of the items that get similar items; all where absent"),
    users: z
      .array(z.string())
      .readonly()
      .optional()
      .describe("ids of the users who get recommendations; all where absent"),
  })
  .superRefine(({ similar, recommend, items, users, tail, newPlaces }, context) => {
    const issue = (key: string, file: string): void =>
      context.addIssue({ code: "custom", path: [key], message: `is of no use without ${file}, the file it is about` });
    if (similar === undefined && items !== undefined) issue("items", "similar");
    if (recommend !== undefined) return;
    if (users !== undefined) issue("users", "recommend");
    if (tail !== undefined) issue("tail", "recommend");
    if (newPlaces > 0) issue("newPlaces", "recommend");
  });

export type ListsRequest = z.input<typeof listsRequestSchema>;

/** What was written to one file. */
export interface WrittenLists {
  readonly kind: "similar" | "recommend";
  readonly file: string;
  readonly lists: number;
  /** Asked ids that the bundle does not know: they have no list. */
  readonly unknown: readonly string[];
}

/** Owners searched in one call: long enough for every thread, short enough for progress and cancellation. */
const BLOCK = 2048;

/**
 * Writes the lists of a bundle, all files or none. INVALID_ARGUMENT without a file, for an unknown extension, and for files of one path
 * or inside the bundle; UNKNOWN_ITEM and UNKNOWN_USER where not one of the asked ids is known; OUTPUT_FAILED; INTERRUPTED.
 */
export async function writeLists(
  folder: string,
  request: ListsRequest,
  context: RunContext = {},
): Promise<readonly WrittenLists[]> {
  const parsed = parseOptions(listsRequestSchema, request, "lists");
  const { similar, recommend } = parsed;
  await requireListPaths(
    [similar, recommend].filter((path) => path !== undefined),
    folder,
  );
  const session = await openBundle(folder);
  const jobs = [
    ...(similar === undefined ? [] : [similarJob(session, similar, parsed, context)]),
    ...(recommend === undefined ? [] : [recommendJob(session, recommend, parsed, context)]),
  ];
  await writeTogether(jobs.map(({ written, table }) => listTableFile(written.file, table)));
  return jobs.map(({ written }) => written);
}

async function requireListPaths(paths: readonly string[], folder: string): Promise<void> {
  if (paths.length === 0) {
    const message = "expected a file for similar items, for recommendations, or for both, received none";
    throw new TailrecError("INVALID_ARGUMENT", message);
  }
  for (const path of paths) requireListFormat(path);
  await requireDistinctOutputs(paths);
  await requireOutsideInputs(paths, [folder]);
}

type ParsedLists = z.output<typeof listsRequestSchema>;

interface ListJob {
  readonly written: WrittenLists;
  readonly table: ListTable;
}

function similarJob(session: BundleSession, file: string, { items, count }: ParsedLists, context: RunContext): ListJob {
  const { catalog } = session.bundle;
  const { rows, unknown } = askedRows(items, catalog.ids, session.hasItem, session.itemRow);
  const search = (block: Uint32Array) => ({
    queries: likenessQueries(session.index, block),
    exclude: pairsOf(block, catalog.ids.length),
    normExponent: 1,
  });
  const entriesOf = (_: number, hits: readonly Hit[]) => hits.map((hit) => entryOf(session.bundle, hit));
  const job = { stage: "similar items", rows, ownerIds: catalog.ids, count, search, entriesOf };
  return {
    written: { kind: "similar", file, lists: rows.length, unknown },
    table: { owner: "query", explained: false, parts: listParts(session.index, job, context) },
  };
}

function recommendJob(
  session: BundleSession,
  file: string,
  { users, count, tail, newPlaces }: ParsedLists,
  context: RunContext,
): ListJob {
  const { userIds, interactions, model, manifest, catalog } = session.bundle;
  const { rows, unknown } = askedRows(users, userIds, session.hasUser, session.userRow);
  const search = (block: Uint32Array) => ({
    queries: takeRows(model.userVectors, block),
    exclude: takeSparseRows(interactions, block),
    normExponent: tail ?? manifest.tailDefault,
  });
  const nearestTaken = createNearest(session.index);
  const entriesOf = (user: number, hits: readonly Hit[]) => {
    const taken = interactions.indices.subarray(interactions.indptr[user], interactions.indptr[user + 1]);
    return hits.map((hit) => {
      const nearest = nearestTaken(hit.row, taken);
      return { ...entryOf(session.bundle, hit), because: nearest < 0 ? null : catalog.ids[nearest] };
    });
  };
  const reserved = newPlaces === 0 ? undefined : { share: newPlaces, allow: session.newItems() };
  const job = { stage: "recommendations", rows, ownerIds: userIds, count, reserved, search, entriesOf };
  return {
    written: { kind: "recommend", file, lists: rows.length, unknown },
    table: { owner: "user", explained: true, parts: listParts(session.index, job, context) },
  };
}

/** The rows of the asked ids, each once, and the ids that nobody has; all rows where none are asked. The first error where all are unknown. */
function askedRows(
  asked: readonly string[] | undefined,
  ids: readonly string[],
  isKnown: (id: string) => boolean,
  rowOf: (id: string) => number,
): { readonly rows: Uint32Array; readonly unknown: readonly string[] } {
  if (asked === undefined) return { rows: Uint32Array.from(ids.keys()), unknown: [] };
  const distinct = [...new Set(asked)];
  const known = distinct.filter(isKnown);
  const unknown = distinct.filter((id) => !isKnown(id));
  if (known.length === 0 && unknown.length > 0) rowOf(unknown[0]);
  return { rows: Uint32Array.from(known, rowOf), unknown };
}

interface ListsOf {
  readonly stage: string;
  /** Rows of the owners. */
  readonly rows: Uint32Array;
  /** Ids of all who might own a list. */
  readonly ownerIds: readonly string[];
  readonly count: number;
  /** The share of the places that is kept for items with a flag. */
  readonly reserved?: { readonly share: number; readonly allow: Uint8Array };
  /** What is looked for on behalf of a block of owners. */
  readonly search: (block: Uint32Array) => Omit<BlockSearch, "count"> & { readonly queries: Matrix };
  readonly entriesOf: (owner: number, hits: readonly Hit[]) => readonly ListEntry[];
}

async function* listParts(
  index: ItemIndex,
  { stage, rows, ownerIds, count, reserved, search, entriesOf }: ListsOf,
  context: RunContext,
): AsyncGenerator<readonly OwnedList[]> {
  for (let begin = 0; begin < rows.length; begin += BLOCK) {
    const block = rows.subarray(begin, begin + BLOCK);
    const { queries, ...rules } = search(block);
    const found = await searchBlock(index, queries, { ...rules, count });
    const newest = reserved && (await searchBlock(index, queries, { ...rules, count, allow: reserved.allow }));
    const hitsFor = (i: number) =>
      newest && reserved ? reserveForNew(hitsOf(found, i), hitsOf(newest, i), reserved.share) : hitsOf(found, i);
    yield Array.from(block, (owner, i) => ({ owner: ownerIds[owner], entries: entriesOf(owner, hitsFor(i)) }));
    context.onProgress?.({ stage, done: begin + block.length, total: rows.length });
    throwIfInterrupted(context);
  }
}

function hitsOf({ items, scores, count }: TopK, list: number): Hit[] {
  const places = Array.from({ length: count }, (_, place) => list * count + place);
  return places.flatMap((at) => (items[at] < 0 ? [] : [{ row: items[at], score: scores[at] }]));
}

function entryOf({ catalog, model }: Bundle, { row, score }: Hit): ListEntry {
  return { item: catalog.ids[row], score, source: model.embeddings.source[row] };
}

/** Each row with itself. */
function pairsOf(rows: Uint32Array, columns: number): SparseMatrix {
  const indptr = Uint32Array.from({ length: rows.length + 1 }, (_, i) => i);
  return { rows: rows.length, columns, indptr, indices: rows, values: new Float32Array(rows.length).fill(1) };
}
