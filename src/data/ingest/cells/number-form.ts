/**
 * Numbers of interactions, read in SQL: "0.5" and "1e3" as programs write them, "0,5" as spreadsheets of many countries do. Which mark is
 * the decimal one is told by the whole column; "1,234" and "1.234" follow the cells that can be read in one way alone.
 */
import type { DuckDBConnection } from "@duckdb/node-api";
import { countRows } from "../tables/database.ts";

/** "mixed": both marks stand for decimals in the column, so that "1,234" is none of either. */
export type NumberForm = "point" | "comma" | "mixed";

const SIGN = "[+-]?";
const COMMA = `${SIGN}\\d*,\\d+`;
const GROUPED = `${SIGN}\\d{1,3}(\\.\\d{3})+(,\\d+)?`;
const EITHER_COMMA = `${SIGN}[1-9]\\d{0,2},\\d{3}`;
const EITHER_POINT = `${SIGN}[1-9]\\d{0,2}\\.\\d{3}`;

/** Judges a text column of the table. */
export async function numberFormOf(connection: DuckDBConnection, table: string, column: string): Promise<NumberForm> {
  const cell = `trim(${column})`;
  const some = async (condition: string): Promise<boolean> =>
    (await countRows(connection, `(FROM ${table} WHERE ${condition} LIMIT 1)`)) > 0;
  const isComma = `contains(${column}, ',') AND (${is(cell, COMMA)} AND NOT ${is(cell, EITHER_COMMA)} OR ${is(cell, GROUPED)})`;
  if (!(await some(isComma))) return "point";
  return (await some(
    `contains(${column}, '.') AND ${is(cell, `${SIGN}\\d*\\.\\d+`)} AND NOT ${is(cell, EITHER_POINT)}`,
  ))
    ? "mixed"
    : "comma";
}

/** The SQL expression of a cell's number; NULL where it is none. */
export function numberOf(column: string, form: NumberForm): string {
  const cell = `trim(${column})`;
  const pointed = `replace(${cell}, ',', '.')`;
  switch (form) {
    case "point":
      return `TRY_CAST(${column} AS DOUBLE)`;
    case "mixed":
      return `TRY_CAST(CASE WHEN ${is(cell, EITHER_COMMA)} OR NOT ${is(cell, COMMA)} THEN ${column} ELSE ${pointed} END AS DOUBLE)`;
    case "comma":
      return `TRY_CAST(CASE WHEN ${is(cell, GROUPED)} THEN replace(replace(${cell}, '.', ''), ',', '.') WHEN ${is(cell, COMMA)} THEN ${pointed} ELSE ${column} END AS DOUBLE)`;
  }
}

function is(cell: string, pattern: string): string {
  return `regexp_full_match(${cell}, '${pattern}')`;
}
