/**
 * From files to the two things the rest of tailrec knows: a catalog and a users x items matrix. The only place that
 * knows raw formats. Nothing is dropped without a word: what cannot be used is in the report, row by row.
 */
import { resolve } from "node:path";
import { parseOptions } from "../../options.ts";
import type { Attribute, Catalog } from "../catalog.ts";
import type { Interactions } from "../interactions.ts";
import { type IngestedCatalog, ingestCatalog } from "./ingest-catalog.ts";
import { type IngestedHeldOut, ingestHeldOutFile, type KnownRows } from "./ingest-held-out.ts";
import {
  checkEnoughInteractions,
  type IngestedInteractions,
  type InteractionsContext,
  ingestInteractionsFile,
} from "./ingest-interactions.ts";
import { type IngestedItems, ingestItemsFile } from "./ingest-items.ts";
import {
  DEFAULT_MAXIMUM_REJECTED_SHARE,
  type FileFormat,
  type IngestOptions,
  type ItemsOptions,
  ingestOptionsSchema,
  itemsOptionsSchema,
  type ParsedIngestOptions,
  type ParsedUsersOptions,
} from "./ingest-options.ts";
import { alignUsers, type UserRows } from "./ingest-users.ts";
import { checkRejectedShare, type IngestReport, type LogReport, summarise, type UsersReport } from "./rejects.ts";
import { readErasedUsers } from "./service-log/erased-users.ts";
import { ingestLoggedEvents } from "./service-log/ingest-log.ts";
import { openSource } from "./source/source-file.ts";
import { withDatabase } from "./tables/database.ts";

export interface IngestContext extends InteractionsContext {
  /** What relative paths start from: the pipeline file's folder; the current one when absent. */
  readonly folder?: string;
}

/** Row i of the matrix is user `userIds[i]`, column j is item `catalog.ids[j]`. */
export interface Ingested {
  readonly catalog: Catalog;
  readonly interactions: Interactions;
  readonly userIds: readonly string[];
  /** What the same users met next, in the shape of `interactions`; absent where the pipeline names no such file. */
  readonly heldOut?: Interactions;
  /** Attributes of the same users, in the same order; absent where the pipeline names no users file. */
  readonly userAttributes?: readonly Attribute[];
  readonly report: IngestReport;
}

/**
 * Reads items and interactions. Throws FILE_NOT_FOUND, EMPTY_INPUT, UNREADABLE_INPUT, UNKNOWN_COLUMN, DUPLICATE_ITEM,
 * TOO_MANY_REJECTS and NOT_ENOUGH_DATA, each naming the file and, where there is one, the line.
 */
export async function ingest(options: IngestOptions, context: IngestContext = {}): Promise<Ingested> {
  const parsed = parseOptions(ingestOptionsSchema, options, "data");
  const folder = context.folder ?? ".";
  const itemsSource = await openSource(parsed.items, folder);
  const interactionsSource = await openSource(parsed.interactions, folder);
  const userRows = parsed.users === null ? undefined : await readUsers(parsed.users, parsed, context);
  return withDatabase(async (connection) => {
    const items = await ingestCatalog(connection, itemsSource, parsed, folder, context);
    const { catalog } = items;
    const size = catalog.ids.length;
    const erased = parsed.log === null ? undefined : await readErasedUsers(resolve(folder, parsed.log));
    const judging = { ...context, erased };
    const fromFile = await ingestInteractionsFile(connection, interactionsSource, parsed.interactions, size, judging);
    checkRejectedShare(fromFile.report, fromFile.rejects, parsed.maximumRejectedShare);
    const log = await readLog(fromFile, items, parsed, judging);
    const met = log?.met ?? fromFile;
    checkEnoughInteractions(met.report);
    const { interactions, userIds } = met;
    const users = userRows && { ...userRows, ...alignUsers(userRows, userIds) };
    const heldOut = await readHeldOut(parsed, { interactions, userIds, itemIds: catalog.ids }, judging);
    const report = reportOf(items, met, users, heldOut);
    return {
      catalog,
      interactions,
      userIds,
      ...(heldOut && { heldOut: heldOut.interactions }),
      ...(users && { userAttributes: users.attributes }),
      report: log === undefined ? report : { ...report, log: log.report },
    };
  });
}

export interface ItemsContext extends IngestContext {
  /** The format of a file whose format neither the options nor its name tell. */
  readonly defaultFormat?: FileFormat;
  /** Folder of a service's log whose items come on top; none when absent. */
  readonly log?: string | null;
}

/** Reads a catalog alone, for items that nobody has seen yet. Throws as `ingest` does. */
export async function ingestItems(
  options: ItemsOptions,
  context: ItemsContext = {},
): Promise<{ readonly catalog: Catalog; readonly report: IngestReport }> {
  const parsed = parseOptions(itemsOptionsSchema, options, "items");
  const folder = context.folder ?? ".";
  const source = await openSource({ ...parsed, otherwise: context.defaultFormat }, folder);
  return withDatabase(async (connection) => {
    const { log = null } = context;
    const maximumRejectedShare = DEFAULT_MAXIMUM_REJECTED_SHARE;
    const items = await ingestCatalog(
      connection,
      source,
      { items: parsed, log, maximumRejectedShare },
      folder,
      context,
    );
    return { catalog: items.catalog, report: reportOf(items) };
  });
}

/** What the log of a service adds; undefined where the pipeline names none. */
async function readLog(
  met: IngestedInteractions,
  { catalog, log }: IngestedCatalog,
  data: ParsedIngestOptions,
  context: InteractionsContext & IngestContext,
): Promise<{ readonly met: IngestedInteractions; readonly report: LogReport } | undefined> {
  if (data.log === null || log === undefined) return undefined;
  const { deletedIds, ...counts } = log;
  const items = { folder: resolve(context.folder ?? ".", data.log), itemIds: catalog.ids, deletedIds };
  const { met: all, ...events } = await ingestLoggedEvents(met, items, data, context);
  return { met: all, report: { ...events, ...counts } };
}

/** The file of held-out interactions, read as that of the training interactions is. */
async function readHeldOut(
  { heldOut, interactions, maximumRejectedShare }: ParsedIngestOptions,
  known: KnownRows,
  context: IngestContext,
): Promise<IngestedHeldOut | undefined> {
  if (heldOut === null) return undefined;
  const source = await openSource(heldOut, context.folder ?? ".");
  const read = await ingestHeldOutFile(source, { ...interactions, ...heldOut }, known, context);
  checkRejectedShare(read.report, read.rejects, maximumRejectedShare);
  return read;
}

/** A users file has the shape of an items file without texts and pictures. */
export async function readUsers(
  options: ParsedUsersOptions,
  { maximumRejectedShare }: { readonly maximumRejectedShare: number },
  context: ItemsContext,
): Promise<UserRows> {
  const folder = context.folder ?? ".";
  const parsed = parseOptions(itemsOptionsSchema, options, "users");
  const source = await openSource({ ...options, otherwise: context.defaultFormat }, folder);
  return withDatabase(async (connection) => {
    const users = await ingestItemsFile(connection, source, parsed, folder, context, "user");
    checkRejectedShare(users.report, users.rejects, maximumRejectedShare);
    return { ...users, ids: users.catalog.ids, attributes: users.catalog.attributes };
  });
}

function reportOf(
  items: IngestedItems,
  met?: IngestedInteractions,
  users?: Omit<UserRows, "report"> & { readonly report: UsersReport },
  heldOut?: IngestedHeldOut,
): IngestReport {
  const parts = [items, met, heldOut, users].filter((part) => part !== undefined);
  const rejects = parts.flatMap((part) => part.rejects);
  const { report } = items;
  const missingCells = [...items.missingCells, ...(users?.missingCells ?? [])];
  const outliers = met?.outliers ?? [];
  const summary = summarise([...rejects, ...missingCells, ...outliers]);
  const lostColumns = [...items.lostColumns, ...(users?.lostColumns ?? [])];
  const notes = parts.flatMap((part) => part.notes);
  return {
    items: report,
    ...(met && { interactions: met.report }),
    ...(heldOut && { heldOut: heldOut.report }),
    ...(users && { users: users.report }),
    rejects,
    missingCells,
    outliers,
    summary,
    lostColumns,
    absentColumns: items.absentColumns,
    notes,
  };
}
