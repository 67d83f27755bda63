/**
 * From files to the two things the rest of tailrec knows: a catalog and a users x items matrix. The only place that
 * knows raw formats. Nothing is dropped without a word: what cannot be used is in the report, row by row.
 */
import { TailrecError } from "../errors.ts";
import { parseOptions } from "../options.ts";
import type { RunContext } from "../run-context.ts";
import type { Catalog } from "./catalog.ts";
import { withDatabase } from "./database.ts";
import { checkEnoughInteractions, type IngestedInteractions, ingestInteractionsFile } from "./ingest-interactions.ts";
import { type IngestedItems, ingestItemsFile } from "./ingest-items.ts";
import {
  DEFAULT_MAXIMUM_REJECTED_SHARE,
  type IngestOptions,
  type ItemsOptions,
  ingestOptionsSchema,
  itemsOptionsSchema,
} from "./ingest-options.ts";
import type { Interactions } from "./interactions.ts";
import { checkRejectedShare, type IngestReport, summarise } from "./rejects.ts";
import { openSource } from "./source-file.ts";

export interface IngestContext extends RunContext {
  /** What relative paths start from: the pipeline file's folder; the current one when absent. */
  readonly folder?: string;
}

/** Row i of the matrix is user `userIds[i]`, column j is item `catalog.ids[j]`. */
export interface Ingested {
  readonly catalog: Catalog;
  readonly interactions: Interactions;
  readonly userIds: readonly string[];
  readonly report: IngestReport;
}

/**
 * Reads items and interactions. Throws FILE_NOT_FOUND, EMPTY_INPUT, UNREADABLE_INPUT, UNKNOWN_COLUMN, DUPLICATE_ITEM,
 * TOO_MANY_REJECTS and NOT_ENOUGH_DATA, each naming the file and, where there is one, the line.
 */
export async function ingest(options: IngestOptions, context: IngestContext = {}): Promise<Ingested> {
  const parsed = parseOptions(ingestOptionsSchema, options, "data");
  const folder = context.folder ?? ".";
  const itemsSource = await openSource(parsed.items.path, parsed.items.format, folder);
  const interactionsSource = await openSource(parsed.interactions.path, parsed.interactions.format, folder);
  return withDatabase(async (connection) => {
    const items = await ingestItemsFile(connection, itemsSource, parsed.items, folder, context);
    checkItems(items, parsed.items.maximumRejectedShare ?? parsed.maximumRejectedShare);
    const size = items.catalog.ids.length;
    const met = await ingestInteractionsFile(connection, interactionsSource, parsed.interactions, size, context);
    checkRejectedShare(met.report, met.rejects, parsed.maximumRejectedShare);
    checkEnoughInteractions(met.report);
    const { catalog } = items;
    const { interactions, userIds } = met;
    return { catalog, interactions, userIds, report: reportOf(items, met) };
  });
}

/** Reads a catalog alone, for items that nobody has seen yet. Throws as `ingest` does. */
export async function ingestItems(
  options: ItemsOptions,
  context: IngestContext = {},
): Promise<{ readonly catalog: Catalog; readonly report: IngestReport }> {
  const parsed = parseOptions(itemsOptionsSchema, options, "items");
  const folder = context.folder ?? ".";
  const source = await openSource(parsed.path, parsed.format, folder);
  return withDatabase(async (connection) => {
    const items = await ingestItemsFile(connection, source, parsed, folder, context);
    checkItems(items, parsed.maximumRejectedShare ?? DEFAULT_MAXIMUM_REJECTED_SHARE);
    return { catalog: items.catalog, report: reportOf(items) };
  });
}

function checkItems({ catalog, report, rejects }: IngestedItems, maximumShare: number): void {
  checkRejectedShare(report, rejects, maximumShare);
  if (catalog.ids.length > 0) return;
  throw new TailrecError("NOT_ENOUGH_DATA", `${report.file}: expected at least 1 usable item, received none`);
}

function reportOf(items: IngestedItems, met?: IngestedInteractions): IngestReport {
  const rejects = [...items.rejects, ...(met?.rejects ?? [])];
  const { report, missingCells } = items;
  const summary = summarise([...rejects, ...missingCells]);
  return { items: report, ...(met && { interactions: met.report }), rejects, missingCells, summary };
}
