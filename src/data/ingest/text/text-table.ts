/** CSV, TSV and JSON lines to a table: a scan sets bad records aside, DuckDB reads the good ones. */
import type { RunContext } from "../../../run-context.ts";
import { nestedJson, pointerTo, textsIn, valueAt } from "../json/json-cells.ts";
import { loadJsonLines } from "../json/json-table.ts";
import { globLiteral, literal } from "../tables/database.ts";
import { findColumn, type RawColumn, requireColumns } from "../tables/raw-columns.ts";
import { absentCells, type LoadedPart, namedCells, type PartRequest, requireRows } from "../tables/raw-table.ts";
import { scanText, type TextScan } from "./text-scan.ts";

/** Throws UNKNOWN_COLUMN, UNREADABLE_INPUT, OUTPUT_FAILED. */
export async function loadText(request: PartRequest, context: RunContext): Promise<LoadedPart> {
  const mapped = request.columns.map(({ source }) => source);
  const scan = await scanText({ ...request, mapped }, context);
  return request.source.format === "jsonl"
    ? loadJsonLines(request, scan, readerOf(scan))
    : loadDelimited(request, scan, readerOf(scan));
}

async function loadDelimited(request: PartRequest, scan: TextScan, reader: string): Promise<LoadedPart> {
  const { connection, table, label, columns } = request;
  const { lines, rejects, headed } = scan;
  const rows = lines.rows;
  if (rows + rejects.length > 0) requireColumns(label, columns, scan.columns);
  const cells = columns.map((column) => {
    const path = findColumn(column.source, scan.columns);
    return path === undefined
      ? absentCells(column)
      : cellsOf(column, `c${scan.columns.indexOf(path.column)}`, path.keys);
  });
  await connection.run(`CREATE TEMP TABLE ${table} AS SELECT ${cells.join(", ")} FROM ${reader}`);
  await requireRows(request, rows);
  return { rows, total: rows + rejects.length, lineOf: lines.lineOf, rejects, columns: scan.columns, headed };
}

/** A dotted name looks into cells that hold JSON as text. */
function cellsOf(column: RawColumn, cell: string, keys: readonly string[]): string {
  if (keys.length === 0)
    return namedCells(column, column.list ? `CASE WHEN ${cell} IS NULL THEN [] ELSE [${cell}] END` : cell);
  const json = `TRY_CAST(${cell} AS JSON)`;
  if (!column.list) return namedCells(column, `json_extract_string(${json}, ${pointerTo(keys)})`);
  const value = valueAt(json, keys);
  return namedCells(column, textsIn(value), nestedJson(value));
}

/** The table function over a file of good records, columns c0, c1, ...; nothing is left to DuckDB's guessing. */
function readerOf({ path, skipsHeader, columns: names, dialect: { delimiter, quote } }: TextScan): string {
  const columns = Array.from({ length: Math.max(names.length, 1) }, (_, i) => `'c${i}': 'VARCHAR'`);
  const quoteText = quote < 0 ? "''" : literal(String.fromCharCode(quote));
  return (
    `read_csv(${globLiteral(path)}, auto_detect = false, header = ${skipsHeader}, compression = 'none', ` +
    `delim = ${literal(delimiter.toString())}, quote = ${quoteText}, escape = ${quoteText}, ` +
    `columns = {${columns.join(", ")}})`
  );
}
