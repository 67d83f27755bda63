/**
 * A source file as a DuckDB table of VARCHAR columns, row for row in file order, whatever the format: ids keep their
 * leading zeros and all their digits, and each reader decides what a number or a date is.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { TailrecError } from "../errors.ts";
import { nearestName } from "../options.ts";
import type { RunContext } from "../run-context.ts";
import { identifier, literal, readColumns } from "./database.ts";
import type { Reject } from "./rejects.ts";
import { messageOf, type SourceFile } from "./source-file.ts";
import { copyGoodRecords, scanText, type TextScan } from "./text-scan.ts";

/** A column of the table and where it comes from. */
export interface RawColumn {
  /** Name in the table. */
  readonly name: string;
  /** Name in the file. */
  readonly source: string;
  /** A list of texts (VARCHAR[], no NULL inside) instead of one text. */
  readonly list: boolean;
}

export interface RawTable {
  /** Rows of the file, rejects included. */
  readonly rows: number;
  /** The line of the table's row `rowid`. */
  readonly lineOf: (rowid: number) => number;
  /** Rows that did not reach the table. */
  readonly rejects: readonly Reject[];
}

/** Creates `table` with the given columns. Throws UNKNOWN_COLUMN, EMPTY_INPUT, UNREADABLE_INPUT. */
export async function loadRawTable(
  connection: DuckDBConnection,
  table: string,
  source: SourceFile,
  columns: readonly RawColumn[],
  context: RunContext,
): Promise<RawTable> {
  if (source.format === "parquet") return loadParquet(connection, table, source, columns);
  const scan = await scanText(source, context);
  const load = source.format === "jsonl" ? loadJsonLines : loadDelimited;
  if (scan.clean) return load(connection, table, source, columns, scan, readerOf(source.path, scan, source));
  const folder = await mkdtemp(join(tmpdir(), "tailrec-"));
  try {
    const copy = join(folder, "good-records");
    await copyGoodRecords(source, scan, copy, context);
    return await load(connection, table, source, columns, scan, readerOf(copy, scan, null));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

type Load = (
  connection: DuckDBConnection,
  table: string,
  source: SourceFile,
  columns: readonly RawColumn[],
  scan: TextScan,
  reader: string,
) => Promise<RawTable>;

const loadDelimited: Load = async (connection, table, source, columns, scan, reader) => {
  for (const { source: name } of columns) requireColumn(source, name, scan.columns);
  const cells = columns.map(({ name, source: from, list }) => {
    const cell = `c${scan.columns.indexOf(from)}`;
    return `${list ? `CASE WHEN ${cell} IS NULL THEN [] ELSE [${cell}] END` : cell} AS ${identifier(name)}`;
  });
  await connection.run(`CREATE TEMP TABLE ${table} AS SELECT ${cells.join(", ")} FROM ${reader}`);
  return checkedTable(connection, table, source, scan);
};

const loadJsonLines: Load = async (connection, table, source, columns, scan, reader) => {
  await connection.run(
    `CREATE TEMP TABLE ${table}_lines AS SELECT c0 AS line, json_valid(c0) AND json_type(c0) = 'OBJECT' AS valid FROM ${reader}`,
  );
  await requireJsonColumns(connection, `${table}_lines`, source, columns);
  const texts = columns.filter(({ list }) => !list);
  const pointers = texts.map(({ source: name }) => literal(pointerTo(name))).join(", ");
  const cells = columns.map((column) => {
    const cell = column.list ? jsonList(pointerTo(column.source)) : `texts[${texts.indexOf(column) + 1}]`;
    return `CASE WHEN valid THEN ${cell} END AS ${identifier(column.name)}`;
  });
  await connection.run(
    `CREATE TEMP TABLE ${table} AS SELECT ${cells.join(", ")} FROM (` +
      `SELECT line, valid, CASE WHEN valid THEN json_extract_string(line, [${pointers}]) END AS texts FROM ${table}_lines)`,
  );
  const loaded = await checkedTable(connection, table, source, scan);
  const [rowids, lines] = await readColumns(
    connection,
    `SELECT rowid, line FROM ${table}_lines WHERE NOT valid ORDER BY rowid`,
  );
  const broken = rowids.map((rowid, i) => ({
    file: source.path,
    line: loaded.lineOf(Number(rowid)),
    reason: "broken JSON",
    row: String(lines[i]),
  }));
  await connection.run(`DELETE FROM ${table} WHERE rowid IN (SELECT rowid FROM ${table}_lines WHERE NOT valid)`);
  await connection.run(`DROP TABLE ${table}_lines`);
  return { ...loaded, rejects: [...loaded.rejects, ...broken].sort((a, b) => a.line - b.line) };
};

async function loadParquet(
  connection: DuckDBConnection,
  table: string,
  source: SourceFile,
  columns: readonly RawColumn[],
): Promise<RawTable> {
  const reader = `read_parquet(${literal(source.path)})`;
  try {
    const [names, types] = await readColumns(
      connection,
      `SELECT column_name, column_type FROM (DESCRIBE FROM ${reader})`,
    );
    const typeOf = new Map(names.map((name, i) => [String(name), String(types[i])]));
    for (const { source: name } of columns) requireColumn(source, name, [...typeOf.keys()]);
    const cells = columns.map(({ name, source: from, list }) => {
      const cell = list ? parquetList(identifier(from), typeOf.get(from) ?? "") : `${identifier(from)}::VARCHAR`;
      return `${cell} AS ${identifier(name)}`;
    });
    await connection.run(`CREATE TEMP TABLE ${table} AS SELECT ${cells.join(", ")} FROM ${reader}`);
  } catch (cause) {
    if (cause instanceof TailrecError) throw cause;
    throw new TailrecError("UNREADABLE_INPUT", `${source.path} is not a readable Parquet file: ${messageOf(cause)}`, {
      cause,
    });
  }
  const rows = await countRows(connection, table);
  if (rows === 0) throw new TailrecError("EMPTY_INPUT", `${source.path} has no rows`);
  return { rows, lineOf: (rowid) => rowid + 1, rejects: [] };
}

/** DuckDB must have seen the very records that the scan saw. */
async function checkedTable(
  connection: DuckDBConnection,
  table: string,
  source: SourceFile,
  scan: TextScan,
): Promise<RawTable> {
  const rows = await countRows(connection, table);
  if (rows !== scan.lines.length) {
    const message = `${source.path}: ${scan.lines.length} records found but ${rows} read; please report the file`;
    throw new TailrecError("INTERNAL", message);
  }
  return { rows: rows + scan.rejects.length, lineOf: (rowid) => scan.lines[rowid], rejects: scan.rejects };
}

async function countRows(connection: DuckDBConnection, table: string): Promise<number> {
  const [[count]] = await readColumns(connection, `SELECT count(*)::INTEGER FROM ${table}`);
  return Number(count);
}

/** The table function over a file of good records; `original` is the source when they were not copied. */
function readerOf(path: string, scan: TextScan, original: SourceFile | null): string {
  const width = Math.max(scan.columns.length, 1);
  const columns = Array.from({ length: width }, (_, i) => `'c${i}': 'VARCHAR'`);
  const quote = scan.dialect.quote < 0 ? "''" : literal(String.fromCharCode(scan.dialect.quote));
  return (
    `read_csv(${literal(path)}, auto_detect = false, header = ${original !== null && scan.columns.length > 0}, ` +
    `compression = '${original?.gzip ? "gzip" : "none"}', columns = {${columns.join(", ")}}, ` +
    `delim = ${literal(String.fromCharCode(scan.dialect.delimiter))}, quote = ${quote}, escape = ${quote})`
  );
}

function requireColumn(source: SourceFile, name: string, known: readonly string[]): void {
  const places = known.filter((column) => column === name).length;
  if (places === 1) return;
  if (places > 1) {
    throw new TailrecError("UNREADABLE_INPUT", `${source.path} names the column "${name}" ${places} times; rename one`);
  }
  const near = nearestName(name, known);
  const hint = near === undefined ? "" : `did you mean "${near}"? `;
  throw new TailrecError(
    "UNKNOWN_COLUMN",
    `${source.path} has no column "${name}"; ${hint}Its columns: ${known.join(", ")}`,
  );
}

/** Keys may be left out of single lines, so a column is unknown only when no line has it. */
async function requireJsonColumns(
  connection: DuckDBConnection,
  lines: string,
  source: SourceFile,
  columns: readonly RawColumn[],
): Promise<void> {
  const keysOf = async (limit: string): Promise<string[]> => {
    const sql = `SELECT DISTINCT unnest(json_keys(line)) AS key FROM (SELECT line FROM ${lines} WHERE valid ${limit}) ORDER BY key`;
    const [keys] = await readColumns(connection, sql);
    return keys.map(String);
  };
  const common = await keysOf("LIMIT 1000");
  if (common.length === 0 || columns.every(({ source: name }) => common.includes(name))) return;
  const all = await keysOf("");
  for (const { source: name } of columns) requireColumn(source, name, all);
}

/** RFC 6901. */
function pointerTo(key: string): string {
  return `/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

function jsonList(pointer: string): string {
  const path = literal(pointer);
  return (
    `CASE json_type(line, ${path}) WHEN 'ARRAY' THEN list_filter(json_transform(json_extract(line, ${path}), '["VARCHAR"]'), x -> x IS NOT NULL) ` +
    `ELSE list_filter([json_extract_string(line, ${path})], x -> x IS NOT NULL) END`
  );
}

function parquetList(cell: string, type: string): string {
  return `list_filter(${type.endsWith("[]") ? `${cell}::VARCHAR[]` : `[${cell}::VARCHAR]`}, x -> x IS NOT NULL)`;
}
