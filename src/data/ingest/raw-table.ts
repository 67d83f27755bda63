/**
 * A source file as a DuckDB table of texts, row for row in file order, whatever the format: ids keep their leading
 * zeros and all their digits, and each reader decides what a number or a date is.
 */
import type { DuckDBConnection } from "@duckdb/node-api";
import { TailrecError } from "../../errors.ts";
import { nearestName } from "../../options.ts";
import { readColumns } from "./database.ts";
import type { Reject } from "./rejects.ts";
import type { SourceFile } from "./source-file.ts";
import type { TextScan } from "./text-scan.ts";

export interface RawRequest {
  readonly connection: DuckDBConnection;
  /** Name of the table to create. */
  readonly table: string;
  readonly source: SourceFile;
  readonly columns: readonly RawColumn[];
}

/** A column of the table and where it comes from. */
export interface RawColumn {
  /** Name in the table. */
  readonly name: string;
  /** Name in the file. */
  readonly source: string;
  /** A list of texts (VARCHAR[], no NULL inside) instead of one text. */
  readonly list: boolean;
  /** Read as empty in every row when the file has no such column, instead of an error. */
  readonly optional?: boolean;
}

export interface RawTable {
  /** Rows of the file, rejects included. */
  readonly rows: number;
  /** The line of the table's row `rowid`. */
  readonly lineOf: (rowid: number) => number;
  /** Rows that did not reach the table. */
  readonly rejects: readonly Reject[];
}

/** SQL of the cells of a column that the file does not have. */
export function absentCells({ list }: RawColumn): string {
  return list ? "[]::VARCHAR[]" : "NULL::VARCHAR";
}

export async function countRows(connection: DuckDBConnection, table: string): Promise<number> {
  const [[count]] = await readColumns(connection, `SELECT count(*)::INTEGER FROM ${table}`);
  return Number(count);
}

/** The table made of a scanned file; DuckDB must have read the very records that the scan found. */
export async function scannedTable({ connection, table, source }: RawRequest, scan: TextScan): Promise<RawTable> {
  const rows = await countRows(connection, table);
  if (rows !== scan.lines.length) {
    const message = `${source.path}: ${scan.lines.length} records found but ${rows} read; please report the file`;
    throw new TailrecError("INTERNAL", message);
  }
  return { rows: rows + scan.rejects.length, lineOf: (rowid) => scan.lines[rowid], rejects: scan.rejects };
}

/** Throws UNKNOWN_COLUMN when a mapped column that is not optional is not among `known`, UNREADABLE_INPUT when it is there twice. */
export function requireColumns({ source, columns }: RawRequest, known: readonly string[]): void {
  for (const { source: name, optional } of columns) {
    const places = known.filter((column) => column === name).length;
    if (places === 1 || (places === 0 && optional)) continue;
    if (places === 0) throw unknownColumn(source, name, known);
    throw new TailrecError("UNREADABLE_INPUT", `${source.path} names the column "${name}" ${places} times; rename one`);
  }
}

function unknownColumn(source: SourceFile, name: string, known: readonly string[]): TailrecError {
  const near = nearestName(name, known);
  const hint = near === undefined ? "" : `did you mean "${near}"? `;
  const message = `${source.path} has no column "${name}"; ${hint}its columns: ${known.join(", ")}`;
  return new TailrecError("UNKNOWN_COLUMN", message);
}
