/** A catalog with what the log of a service says of its items: changed ones keep their rows, new ones follow, deleted ones leave. */
import { type Catalog, mergeCatalogs, takeCatalogRows } from "../../catalog.ts";
import type { ParsedItemsOptions } from "../ingest-options.ts";
import { catalogOfRecords, type ItemRecord } from "../item-records.ts";
import type { LogReport, MissingCell } from "../rejects.ts";
import type { LoggedItems } from "./item-changes.ts";

export interface LoggedCatalog {
  readonly catalog: Catalog;
  readonly counts: Pick<LogReport, "newItems" | "changedItems" | "deletedItems">;
  readonly missingCells: readonly MissingCell[];
  /** Attributes of the log that the pipeline does not map. */
  readonly notes: readonly string[];
}

/** Errors: those of `catalogOfRecords`. */
export function withLoggedItems(
  catalog: Catalog,
  { put, deleted }: LoggedItems,
  { attributes }: Pick<ParsedItemsOptions, "attributes">,
): LoggedCatalog {
  const names = new Set(attributes.map(({ column }) => column));
  const later = put.length === 0 ? undefined : catalogOfRecords(put.map(withOnly(names)), { attributes });
  const rowOfId = new Map(catalog.ids.map((id, row) => [id, row]));
  const isGone = new Set(deleted);
  const changedItems = put.filter(({ id }) => rowOfId.has(id)).length;
  for (const { id } of put) if (!rowOfId.has(id)) rowOfId.set(id, rowOfId.size);
  const rows = put.map(({ id }) => rowOfId.get(id) ?? 0);
  const merged = later === undefined ? catalog : mergeCatalogs(catalog, later.catalog, rows);
  const left = [...merged.ids.keys()].filter((row) => !isGone.has(merged.ids[row]));
  const unmapped = new Set(
    put.flatMap((item) => Object.keys(item.attributes ?? {}).filter((name) => !names.has(name))),
  );
  return {
    catalog: left.length === merged.ids.length ? merged : takeCatalogRows(merged, left),
    counts: { newItems: put.length - changedItems, changedItems, deletedItems: merged.ids.length - left.length },
    missingCells: later?.report.missingCells ?? [],
    notes: [...unmapped].map((name) => `the log has the attribute "${name}", which data.items.attributes does not map`),
  };
}

function withOnly(names: ReadonlySet<string>): (item: ItemRecord) => ItemRecord {
  return (item) => {
    const known = Object.entries(item.attributes ?? {}).filter(([name]) => names.has(name));
    return { ...item, attributes: Object.fromEntries(known) };
  };
}
