/** The items file to the catalog of a run, with what the log of a service says of items on top; leaves the table `catalog(id, code)`. */
import { resolve } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { TailrecError } from "../../errors.ts";
import type { RunContext } from "../../run-context.ts";
import { writeCatalogTable } from "./catalog-table.ts";
import { type IngestedItems, ingestItemsFile } from "./ingest-items.ts";
import type { ParsedItemsOptions } from "./ingest-options.ts";
import { checkRejectedShare } from "./rejects.ts";
import { readLoggedItems } from "./service-log/item-changes.ts";
import { type LoggedCatalog, withLoggedItems } from "./service-log/logged-catalog.ts";
import type { SourceFile } from "./source/source-file.ts";

export interface CatalogOptions {
  readonly items: ParsedItemsOptions;
  readonly log: string | null;
  readonly maximumRejectedShare: number;
}

export interface IngestedCatalog extends IngestedItems {
  readonly log?: LoggedCatalog["counts"] & { readonly deletedIds: readonly string[] };
}

/** Errors: those of `ingestItemsFile` and `readLoggedItems`, TOO_MANY_REJECTS, NOT_ENOUGH_DATA. */
export async function ingestCatalog(
  connection: DuckDBConnection,
  source: SourceFile,
  { items, log, maximumRejectedShare }: CatalogOptions,
  folder: string,
  context: RunContext,
): Promise<IngestedCatalog> {
  const read = await ingestItemsFile(connection, source, items, folder, context);
  checkRejectedShare(read.report, read.rejects, items.maximumRejectedShare ?? maximumRejectedShare);
  const whole = log === null ? read : await withLog(connection, read, items, resolve(folder, log));
  if (whole.catalog.ids.length > 0) return whole;
  throw new TailrecError("NOT_ENOUGH_DATA", `${read.report.file}: expected at least 1 usable item, received none`);
}

async function withLog(
  connection: DuckDBConnection,
  read: IngestedItems,
  options: ParsedItemsOptions,
  folder: string,
): Promise<IngestedCatalog> {
  const logged = await readLoggedItems(folder);
  const { catalog, counts, missingCells, notes } = withLoggedItems(read.catalog, logged, options);
  await writeCatalogTable(connection, catalog.ids, logged.deleted);
  return {
    ...read,
    catalog,
    missingCells: [...read.missingCells, ...missingCells],
    notes: [...read.notes, ...notes],
    log: { ...counts, deletedIds: logged.deleted },
  };
}
