/** Parquet to a table: every column as text, the list columns as lists of texts, bytes without a type as the UTF-8 that they hold. */
import { TailrecError } from "../../../errors.ts";
import { messageOf } from "../../../file-errors.ts";
import { nestedJson, pointerTo, textsIn, valueAt } from "../json/json-cells.ts";
import { countRows, globLiteral, identifier, readColumns } from "./database.ts";
import { type ColumnPath, findColumn, type RawColumn, requireColumns } from "./raw-columns.ts";
import { absentCells, type LoadedPart, namedCells, type PartRequest } from "./raw-table.ts";

/** Throws UNKNOWN_COLUMN, and UNREADABLE_INPUT for bytes that are no text and for a struct where a text is looked for. */
export async function loadParquet(request: PartRequest): Promise<LoadedPart> {
  const { connection, table, path, label, columns, limit } = request;
  const isLook = Number.isFinite(limit);
  const reader = `read_parquet(${globLiteral(path)}, binary_as_string = ${!isLook})`;
  const described = await readColumns(connection, `SELECT column_name, column_type FROM (DESCRIBE FROM ${reader})`);
  const [names, types] = described.map((values) => values.map(String));
  requireColumns(label, columns, names);
  const cells = columns.map((column) => {
    const found = findColumn(column.source, names);
    return found === undefined
      ? absentCells(column)
      : cellsOf(label, column, found, types[names.indexOf(found.column)], isLook);
  });
  const rowsRead = isLook ? ` LIMIT ${limit}` : "";
  const sql = `CREATE TEMP TABLE ${table} AS SELECT ${cells.join(", ")} FROM ${reader}${rowsRead}`;
  await connection.run(sql).catch((cause) => {
    throw /valid UTF8|decode/i.test(messageOf(cause)) ? noText(label, cause) : cause;
  });
  const rows = await countRows(connection, table);
  return { rows, total: rows, lineOf: (row) => row + 1, rejects: [], columns: names, headed: true };
}

function cellsOf(
  label: string,
  column: RawColumn,
  { column: name, keys }: ColumnPath,
  type: string,
  isLook: boolean,
): string {
  const cell = identifier(name);
  if (isDeep(type) || keys.length > 0) {
    const value = `to_json(${cell})`;
    if (column.list) {
      const found = valueAt(value, keys);
      return namedCells(column, textsIn(found), nestedJson(found));
    }
    if (keys.length > 0) return namedCells(column, `json_extract_string(${value}, ${pointerTo(keys)})`);
    throw notOneText(label, column, type);
  }
  if (!isList(type)) {
    const text = textOf(cell, type, isLook);
    return namedCells(column, column.list ? listOf(`[${text}]`) : text);
  }
  if (!column.list) throw notOneText(label, column, type);
  const texts = `list_transform(${cell}, lambda entry: ${textOf("entry", type.replace(/\[\d*\]$/, ""), isLook)})`;
  return namedCells(column, listOf(`coalesce(${texts}, [])`));
}

/** Bytes of a fixed length are text that zeros fill up. Where rows are only looked at, what is no text is missing. */
function textOf(cell: string, type: string, isLook: boolean): string {
  if (type !== "BLOB") return `${cell}::VARCHAR`;
  const decoded = isLook ? `TRY(decode(${cell}))` : `decode(${cell})`;
  return `rtrim(${decoded}, chr(0))`;
}

function listOf(cells: string): string {
  return `list_filter(${cells}, lambda text: text IS NOT NULL)`;
}

function isList(type: string): boolean {
  return /\[\d*\]$/.test(type);
}

function isDeep(type: string): boolean {
  return /^(STRUCT|MAP|UNION)\(/.test(type) || /\[\d*\]\[\d*\]$/.test(type);
}

function notOneText(label: string, { source }: RawColumn, type: string): TailrecError {
  const remedy = isList(type) ? "one text a row is needed" : `map one of its keys, as "${source}.key"`;
  const kind = type.length > 60 ? `${type.slice(0, 59)}…` : type;
  return new TailrecError("UNREADABLE_INPUT", `${label}: the column "${source}" holds ${kind}; ${remedy}`);
}

function noText(label: string, cause: unknown): TailrecError {
  const message = `${label}: a mapped column holds bytes that are no UTF-8 text; export it as text (${messageOf(cause)})`;
  return new TailrecError("UNREADABLE_INPUT", message, { cause });
}
