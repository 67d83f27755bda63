/**
 * A source as a DuckDB table of texts, row for row in file order, whatever the format: ids keep their leading zeros and all
 * their digits, and each reader decides what a number or a date is. The column `place` numbers the rows.
 */
import type { DuckDBConnection } from "@duckdb/node-api";
import { TailrecError } from "../../../errors.ts";
import type { Reject } from "../rejects.ts";
import type { ScratchFolder } from "../source/scratch-folder.ts";
import type { SourceFile } from "../source/source-file.ts";
import { countRows, identifier } from "./database.ts";
import type { AbsentColumn, RawColumn } from "./raw-columns.ts";

export interface RawRequest {
  readonly connection: DuckDBConnection;
  /** Name of the table to create. */
  readonly table: string;
  readonly source: SourceFile;
  readonly columns: readonly RawColumn[];
  /** Rows to look at, the first ones, in which bytes that are no text are missing; all rows when absent. */
  readonly limit?: number;
}

export interface RawTable {
  /** Rows of the files, rejects included. */
  readonly rows: number;
  /** Where a row of the table is in the files. */
  readonly placeOf: (place: number) => RowPlace;
  /** Rows that did not reach the table. */
  readonly rejects: readonly Reject[];
  /** Names of all columns of the files, mapped or not. */
  readonly columns: readonly string[];
  /** Optional columns that no file has. */
  readonly absent: readonly AbsentColumn[];
  /** What is worth knowing of the files: what was left unread, what has no header. */
  readonly notes: readonly string[];
}

export interface RowPlace {
  readonly file: string;
  /** 1-based physical line; in Parquet, the 1-based row. */
  readonly line: number;
}

/** One file of a source, to be loaded as the table `table`. */
export interface PartRequest extends RawRequest {
  /** Where it can be read, and what messages call it. */
  readonly path: string;
  readonly label: string;
  readonly scratch: ScratchFolder;
  /** Rows to read at most; may be infinite. */
  readonly limit: number;
  /** The header of an earlier part. */
  readonly earlier: readonly string[] | undefined;
  readonly onRead: (bytes: number) => void;
  readonly onNote: (note: string) => void;
}

/** A table whose row numbers are DuckDB's own. */
export interface LoadedPart {
  /** Rows that row numbers count, broken JSON among them, and all rows of the file. */
  readonly rows: number;
  readonly total: number;
  readonly lineOf: (row: number) => number;
  readonly rejects: readonly Reject[];
  /** Names of the columns, or of the keys of JSON. */
  readonly columns: readonly string[];
  /** The columns of text files have a header, or none of their own. */
  readonly headed: boolean;
}

/**
 * SQL of a column's cells as they are named in the table; a list has its deeper values as JSON in a column beside it, NULL where it is
 * flat.
 */
export function namedCells({ name, list }: RawColumn, cells: string, nested = "NULL::VARCHAR"): string {
  return list
    ? `${cells} AS ${identifier(name)}, ${nested} AS ${identifier(nestedName(name))}`
    : `${cells} AS ${identifier(name)}`;
}

export function nestedName(name: string): string {
  return `${name}_nested`;
}

/** SQL of a column that the file does not have. */
export function absentCells(column: RawColumn): string {
  return namedCells(column, column.list ? "[]::VARCHAR[]" : "NULL::VARCHAR");
}

/** DuckDB must have read the very records that the scan found. */
export async function requireRows({ connection, table, label }: PartRequest, expected: number): Promise<void> {
  const rows = await countRows(connection, table);
  if (rows === expected) return;
  throw new TailrecError("INTERNAL", `${label}: ${expected} records found but ${rows} read; please report the file`);
}
