/** Cells of the list columns of a raw table: SQL that names them, and the values that come back. */
import type { DuckDBValue } from "@duckdb/node-api";
import { identifier } from "./database.ts";
import { nestedName } from "./raw-table.ts";

/** One cell: a list of texts, or the JSON of what is nested deeper. */
export interface Cell {
  readonly texts: readonly string[];
  readonly nested: string | null;
}

/** Cells of one column, a row an item. */
export type Cells = readonly Cell[];

/** The columns to select for list columns of these names. */
export function cellColumns(names: readonly string[]): string {
  return names.flatMap((name) => [identifier(name), identifier(nestedName(name))]).join(", ");
}

/** The cells of what `cellColumns` selects, a list a name. */
export function cellsOf(columns: readonly DuckDBValue[][]): Cells[] {
  return Array.from({ length: columns.length / 2 }, (_, i) => {
    const [texts, nested] = columns.slice(2 * i);
    return texts.map((list, row) => ({
      texts: textsOf(list),
      nested: nested[row] === null ? null : String(nested[row]),
    }));
  });
}

function textsOf(value: DuckDBValue): string[] {
  return typeof value === "object" && value !== null && "items" in value ? value.items.map(String) : [];
}
