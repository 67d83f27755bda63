/** Rows of items, in the columns that a pipeline maps, as a catalog: read as the cells of its items file are. */
import type { Catalog } from "../data/catalog.ts";
import type { ParsedItemsOptions } from "../data/ingest/ingest-options.ts";
import { createCatalog, mappedNames, type PictureFolders } from "../data/ingest/item-catalog.ts";
import { type IngestReport, type MissingCell, summarise } from "../data/ingest/rejects.ts";
import { type InputRows, type OutputRow, QUARANTINE } from "./record.ts";

export interface ItemRows {
  /** The rows that have an id, in their order. */
  readonly catalog: Catalog;
  readonly report: IngestReport;
}

/** What stands for the file's name in reports. */
const SOURCE = "standard input";

export function itemRows(
  rows: InputRows,
  kept: readonly number[],
  mapping: ParsedItemsOptions,
  folders: PictureFolders,
): ItemRows {
  const ids = kept.map((row) => rows.text(mapping.columns.id, row) ?? "");
  const cellsOf = (name: string) => kept.map((row) => ({ texts: rows.texts(name, row) ?? [], nested: null }));
  const cells = new Map(mappedNames(mapping).map((name) => [name, cellsOf(name)]));
  const missingCells: MissingCell[] = [];
  const catalog = createCatalog({ ids, cells }, mapping, folders, (column) => (row, text, reason) => {
    const item = ids[row];
    missingCells.push({ file: SOURCE, line: kept[row] + 1, reason, row: { [column]: text }, item, column });
  });
  const items = { file: SOURCE, rows: rows.rows, rejected: rows.rows - kept.length };
  const nothing = { rejects: [], outliers: [], lostColumns: [], absentColumns: [], notes: [] };
  return { catalog, report: { items, ...nothing, missingCells, summary: summarise(missingCells) } };
}

/**
 * Works on the rows that have an id, and puts what comes of them back among the others. An id that stands twice in a batch is two
 * items to the work.
 */
export async function withIds(
  rows: InputRows,
  column: string,
  work: (kept: readonly number[]) => Promise<readonly OutputRow[]>,
): Promise<readonly OutputRow[]> {
  const all = Array.from({ length: rows.rows }, (_, row) => row);
  const kept = all.filter((row) => (rows.text(column, row) ?? "") !== "");
  const results = kept.length === 0 ? [] : await work(kept);
  const placed = new Map(kept.map((row, i) => [row, results[i]]));
  return all.map((row) => placed.get(row) ?? { [QUARANTINE]: `missing ${column}` });
}
