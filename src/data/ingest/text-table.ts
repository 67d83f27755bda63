/** CSV, TSV and JSON lines to a raw table: a scan sets bad records aside, DuckDB reads the good ones. */
import { join } from "node:path";
import type { RunContext } from "../../run-context.ts";
import { removeOldTemporaries, withTemporaryFolder } from "../files/temporary-folder.ts";
import { globLiteral, identifier, literal } from "./database.ts";
import { loadJsonLines } from "./json-table.ts";
import { absentCells, type RawRequest, type RawTable, requireColumns, scannedTable } from "./raw-table.ts";
import { copyGoodRecords, scanText, type TextScan } from "./text-scan.ts";

/** Throws UNKNOWN_COLUMN, EMPTY_INPUT, UNREADABLE_INPUT, OUTPUT_FAILED. */
export async function loadText(request: RawRequest, context: RunContext): Promise<RawTable> {
  const { source } = request;
  await removeOldTemporaries();
  const scan = await scanText(source, context);
  const load = source.format === "jsonl" ? loadJsonLines : loadDelimited;
  if (scan.clean) return load(request, scan, readerOf(source.path, scan, source.gzip, scan.columns.length > 0));
  return withTemporaryFolder(async (folder) => {
    const copy = join(folder, "good-records");
    await copyGoodRecords(source, scan, copy, context);
    return load(request, scan, readerOf(copy, scan, false, false));
  });
}

async function loadDelimited(request: RawRequest, scan: TextScan, reader: string): Promise<RawTable> {
  requireColumns(request, scan.columns);
  const cells = request.columns.map((column) => {
    const place = scan.columns.indexOf(column.source);
    const text = column.list ? `CASE WHEN c${place} IS NULL THEN [] ELSE [c${place}] END` : `c${place}`;
    return `${place < 0 ? absentCells(column) : text} AS ${identifier(column.name)}`;
  });
  await request.connection.run(`CREATE TEMP TABLE ${request.table} AS SELECT ${cells.join(", ")} FROM ${reader}`);
  return scannedTable(request, scan);
}

/** The table function over a file of good records, columns c0, c1, ...; nothing is left to DuckDB's guessing. */
function readerOf(path: string, scan: TextScan, gzip: boolean, header: boolean): string {
  const columns = Array.from({ length: Math.max(scan.columns.length, 1) }, (_, i) => `'c${i}': 'VARCHAR'`);
  const { delimiter, quote } = scan.dialect;
  const quoteText = quote < 0 ? "''" : literal(String.fromCharCode(quote));
  return (
    `read_csv(${globLiteral(path)}, auto_detect = false, header = ${header}, compression = '${gzip ? "gzip" : "none"}', ` +
    `delim = ${literal(String.fromCharCode(delimiter))}, quote = ${quoteText}, escape = ${quoteText}, ` +
    `columns = {${columns.join(", ")}})`
  );
}
