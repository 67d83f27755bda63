/** JSON lines to a table. Each line is one text until it proves to be an object; a key may be absent from single lines. */

import type { Reject } from "../rejects.ts";
import { literal, readColumns } from "../tables/database.ts";
import { findColumn, type RawColumn } from "../tables/raw-columns.ts";
import { absentCells, type LoadedPart, namedCells, type PartRequest, requireRows } from "../tables/raw-table.ts";
import type { TextScan } from "../text/text-scan.ts";
import { nestedJson, pointerTo, textsIn, valueAt } from "./json-cells.ts";
import { repairedJson } from "./json-repair.ts";

/** `reader` yields one column c0, a line each. Columns that are not there are left for the caller to judge. */
export async function loadJsonLines(
  request: PartRequest,
  { lines, rejects }: TextScan,
  reader: string,
): Promise<LoadedPart> {
  const { connection, table } = request;
  const objects = `${table}_objects`;
  await connection.run(`CREATE TEMP TABLE ${objects} AS ${selectObjects(reader)}`);
  const broken = await readBroken(request, objects, lines.lineOf);
  const columns = await keysIn(request, objects);
  await connection.run(`CREATE TEMP TABLE ${table} AS ${selectCells(request, objects, columns)}`);
  await requireRows(request, lines.rows);
  await connection.run(`DELETE FROM ${table} WHERE rowid IN (SELECT rowid FROM ${objects} WHERE object IS NULL)`);
  await connection.run(`DROP TABLE ${objects}`);
  const total = lines.rows + rejects.length;
  return { rows: lines.rows, total, lineOf: lines.lineOf, rejects: [...rejects, ...broken], columns, headed: true };
}

/** Either the object or the broken text; every JSON function passes a NULL object on. */
function selectObjects(reader: string): string {
  const parsed = `SELECT c0 AS line, TRY_CAST(c0 AS JSON) AS json FROM ${reader}`;
  const isObject = "coalesce(json_type(json) = 'OBJECT', false)";
  return `SELECT CASE WHEN ${isObject} THEN json END AS object, CASE WHEN NOT ${isObject} THEN line END AS broken FROM (${parsed})`;
}

/** All texts come out of one parse of the line, all lists out of another. */
function selectCells({ columns }: PartRequest, objects: string, known: readonly string[]): string {
  const found = columns.flatMap((column) => {
    const path = findColumn(column.source, known);
    return path === undefined ? [] : [{ column, path }];
  });
  const texts = found.filter(({ column }) => !column.list);
  const lists = found.filter(({ column }) => column.list);
  const cellsOf = (column: RawColumn): string => {
    const text = texts.findIndex((entry) => entry.column === column);
    if (text >= 0) return namedCells(column, `texts[${text + 1}]`);
    const list = lists.findIndex((entry) => entry.column === column);
    if (list < 0) return absentCells(column);
    return namedCells(column, textsIn(`value${list}`), nestedJson(`value${list}`));
  };
  const values = lists.map(({ path }, i) => `${valueAt(`lists[${i + 1}]`, path.keys)} AS value${i}`);
  const textPointers = texts.map(({ path }) => pointerTo([path.column, ...path.keys])).join(", ");
  const listPointers = lists.map(({ path }) => pointerTo([path.column])).join(", ");
  const parsed = `SELECT json_extract_string(object, [${textPointers}]) AS texts, json_extract(object, [${listPointers}]) AS lists FROM ${objects}`;
  return `SELECT ${columns.map(cellsOf).join(", ")} FROM (SELECT ${["texts", ...values].join(", ")} FROM (${parsed}))`;
}

/** Columns of the first rows; of all where those lack a column that is looked for. */
async function keysIn(request: PartRequest, objects: string): Promise<string[]> {
  const common = await keysOf(request, `SELECT object FROM ${objects} WHERE object IS NOT NULL LIMIT 1000`);
  if (common.length === 0 || request.columns.every(({ source }) => common.includes(source))) return common;
  return keysOf(request, `SELECT object FROM ${objects}`);
}

async function keysOf({ connection }: PartRequest, objects: string): Promise<string[]> {
  const sql = `SELECT DISTINCT unnest(json_keys(object)) AS key FROM (${objects}) ORDER BY key`;
  const [keys] = await readColumns(connection, sql);
  return keys.map(String);
}

/** The lines that are no objects, once those that only half an emoji spoils are mended. */
async function readBroken(
  { connection, label }: PartRequest,
  objects: string,
  lineOf: (row: number) => number,
): Promise<Reject[]> {
  const sql = `SELECT rowid, broken FROM ${objects} WHERE object IS NULL ORDER BY rowid`;
  const [rowids, texts] = await readColumns(connection, sql);
  const rejects: Reject[] = [];
  for (const [i, text] of texts.entries()) {
    const row = Number(rowids[i]);
    const mended = repairedJson(String(text));
    if (mended === undefined)
      rejects.push({ file: label, line: lineOf(row), reason: "broken JSON", row: String(text) });
    else await connection.run(`UPDATE ${objects} SET object = ${literal(mended)}::JSON WHERE rowid = ${row}`);
  }
  return rejects;
}
