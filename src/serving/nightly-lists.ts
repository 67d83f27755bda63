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
import { rowOf, type SparseMatrix, takeRows, takeSparseRows } from "../math/matrix.ts";
import { parseOptions } from "../options.ts";
import { type ReadyRule, requireSomeItems } from "../rules/prepared-rules.ts";
import type { ListOwner } from "../rules/rule-kind.ts";
import { type RunContext, throwIfInterrupted } from "../run-context.ts";
import { blockFinder, type QueryBlock } from "./block-finder.ts";
import { type BundleSession, openBundle } from "./bundle-session.ts";
import { type FallbackModel, fallbackFinder, fallbackModels } from "./fallback-lists.ts";
import { createNearest, type Hit, likenessQueries } from "./item-index.ts";
import { rulesFor } from "./list-rules.ts";
import { countOption, newPlacesOption, ruleOptions, tailOption } from "./request-options.ts";
import { ruledAnswers } from "./ruled-answer.ts";
import type { Finder } from "./ruled-search.ts";

export const listsRequestSchema = z
  .strictObject({
    similar: z.string().optional().describe("file of the similar items of every item: .parquet, .jsonl or .csv"),
    recommend: z.string().optional().describe("file of the recommendations for every user, likewise"),
    count: countOption,
    tail: tailOption,
    newPlaces: newPlacesOption,
    ...ruleOptions,
    fallback: z
      .enum(fallbackModels)
      .default("popularity")
      .describe("what fills a user's places that rules leave empty and may give way"),
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
  /** Lists shorter than asked for, and lists that the fallback filled. */
  readonly short: number;
  readonly filled: number;
  /** What is worth knowing of the rules: ids and values that nobody has. */
  readonly notes: readonly string[];
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
    ...(similar === undefined ? [] : [await similarJob(session, similar, parsed, context)]),
    ...(recommend === undefined ? [] : [await recommendJob(session, recommend, parsed, context)]),
  ];
  await writeTogether(jobs.map(({ file, table }) => listTableFile(file, table)));
  return jobs.map(({ written }) => written());
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
  readonly file: string;
  /** Known once the lists are written. */
  readonly written: () => WrittenLists;
  readonly table: ListTable;
}

async function similarJob(
  session: BundleSession,
  file: string,
  request: ParsedLists,
  context: RunContext,
): Promise<ListJob> {
  const { index, bundle } = session;
  const { catalog } = bundle;
  const { rows, unknown } = askedRows(request.items, catalog.ids, session.hasItem, session.itemRow);
  const rules = await rulesFor(session, { ...request, newPlaces: 0 }, "similar");
  const queriesOf = (block: Uint32Array) => ({
    queries: likenessQueries(index, block),
    exclude: pairsOf(block, catalog.ids.length),
    normExponent: 1,
  });
  const ownerOf = (row: number, query: Float32Array) => ({ history: [row], query, normExponent: 1 });
  const findFallback = (owners: readonly ListOwner[]) =>
    fallbackFinder(session.takers, "popularity", (place) => ({ exclude: owners[place].history }));
  const entriesOf = (_: number, hits: readonly Hit[]) => hits.map((hit) => entryOf(bundle, hit));
  const lists = { stage: "similar items", rows, ownerIds: catalog.ids, queriesOf, ownerOf, entriesOf };
  const filling = { fallback: "popularity" as const, findFallback };
  const job = { ...lists, ...filling, rules, count: request.count };
  return listJob(session, { kind: "similar", file, lists: rows.length, unknown }, job, context);
}

async function recommendJob(
  session: BundleSession,
  file: string,
  request: ParsedLists,
  context: RunContext,
): Promise<ListJob> {
  const { userIds, interactions, model, manifest, catalog } = session.bundle;
  const { tail = manifest.tailDefault, fallback } = request;
  const { rows, unknown } = askedRows(request.users, userIds, session.hasUser, session.userRow);
  const rules = await rulesFor(session, request, "recommend");
  const takenBy = (user: number) =>
    interactions.indices.subarray(interactions.indptr[user], interactions.indptr[user + 1]);
  const queriesOf = (block: Uint32Array) => ({
    queries: takeRows(model.userVectors, block),
    exclude: takeSparseRows(interactions, block),
    normExponent: tail,
  });
  const ownerOf = (user: number, query: Float32Array) => ({
    history: takenBy(user),
    user: userIds[user],
    query,
    normExponent: tail,
  });
  const findFallback = (owners: readonly ListOwner[]) =>
    fallbackFinder(session.takers, fallback, (place) => ({
      like: owners[place].query,
      exclude: owners[place].history,
    }));
  const nearestTaken = createNearest(session.index);
  const entriesOf = (user: number, hits: readonly Hit[]) => {
    const taken = takenBy(user);
    return hits.map((hit) => {
      const nearest = nearestTaken(hit.row, taken);
      return { ...entryOf(session.bundle, hit), because: nearest < 0 ? null : catalog.ids[nearest] };
    });
  };
  const lists = { stage: "recommendations", rows, ownerIds: userIds, queriesOf, ownerOf, entriesOf };
  const job = { ...lists, fallback, findFallback, rules, count: request.count };
  return listJob(session, { kind: "recommend", file, lists: rows.length, unknown }, job, context);
}

/** NOT_ENOUGH_DATA where the rules leave no item for anybody. */
function listJob(
  session: BundleSession,
  about: Pick<WrittenLists, "kind" | "file" | "lists" | "unknown">,
  lists: ListsOf,
  context: RunContext,
): ListJob {
  requireSomeItems(lists.rules, session.bundle.catalog.ids.length);
  const tally = { short: 0, filled: 0 };
  const notes = lists.rules.flatMap((rule) => rule.notes);
  const isUsers = about.kind === "recommend";
  return {
    written: () => ({ ...about, ...tally, notes }),
    file: about.file,
    table: {
      owner: isUsers ? "user" : "query",
      explained: isUsers,
      isRuled: lists.rules.some(({ givesWay }) => givesWay),
      parts: listParts(session, lists, tally, context),
    },
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
  readonly rules: readonly ReadyRule[];
  readonly fallback: FallbackModel;
  /** What is looked for on behalf of a block of owners. */
  readonly queriesOf: (block: Uint32Array) => QueryBlock;
  readonly ownerOf: (row: number, query: Float32Array) => ListOwner;
  readonly findFallback: (owners: readonly ListOwner[]) => Promise<Finder>;
  readonly entriesOf: (owner: number, hits: readonly Hit[]) => readonly ListEntry[];
}

async function* listParts(
  session: BundleSession,
  { stage, rows, ownerIds, queriesOf, ownerOf, findFallback, entriesOf, ...asked }: ListsOf,
  tally: { short: number; filled: number },
  context: RunContext,
): AsyncGenerator<readonly OwnedList[]> {
  const { spread } = session.ruleWorld();
  const items = session.bundle.catalog.ids.length;
  for (let begin = 0; begin < rows.length; begin += BLOCK) {
    const block = rows.subarray(begin, begin + BLOCK);
    const queries = queriesOf(block);
    const owners = Array.from(block, (row, i) => ownerOf(row, rowOf(queries.queries, i)));
    const find = blockFinder(session.index, queries, spread);
    const answers = await ruledAnswers({ ...asked, owners, items, find, findFallback: () => findFallback(owners) });
    yield answers.map(({ hits, filled, reason }, i) => {
      if (hits.length < asked.count) tally.short++;
      if (filled > 0) tally.filled++;
      const entries = withFilled(entriesOf(block[i], hits), filled, asked.fallback);
      return { owner: ownerIds[block[i]], entries, reason };
    });
    context.onProgress?.({ stage, done: begin + block.length, total: rows.length });
    throwIfInterrupted(context);
  }
}

function withFilled(entries: readonly ListEntry[], filled: number, fallback: FallbackModel): readonly ListEntry[] {
  if (filled === 0) return entries;
  return entries.map((entry, place) => (place < entries.length - filled ? entry : { ...entry, filledBy: fallback }));
}

function entryOf({ catalog, model }: Bundle, { row, score }: Hit): ListEntry {
  return { item: catalog.ids[row], score, source: model.embeddings.source[row] };
}

/** Each row with itself. */
function pairsOf(rows: Uint32Array, columns: number): SparseMatrix {
  const indptr = Uint32Array.from({ length: rows.length + 1 }, (_, i) => i);
  return { rows: rows.length, columns, indptr, indices: rows, values: new Float32Array(rows.length).fill(1) };
}
