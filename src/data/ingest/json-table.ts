/** JSON lines to a raw table. Each line is one text until it proves to be an object; a key may be absent from single lines. */
import { identifier, literal, readColumns } from "./database.ts";
import { type RawRequest, type RawTable, requireColumns, scannedTable } from "./raw-table.ts";
import type { Reject } from "./rejects.ts";
import type { TextScan } from "./text-scan.ts";

/** `reader` yields one column c0, a line each. */
export async function loadJsonLines(request: RawRequest, scan: TextScan, reader: string): Promise<RawTable> {
  const { connection, table } = request;
  const objects = `${table}_objects`;
  await connection.run(`CREATE TEMP TABLE ${objects} AS ${selectObjects(reader)}`);
  await requireKeys(request, objects);
  await connection.run(`CREATE TEMP TABLE ${table} AS ${selectCells(request, objects)}`);
  const loaded = await scannedTable(request, scan);
  const broken = await readBroken(request, objects, loaded);
  await connection.run(`DELETE FROM ${table} WHERE rowid IN (SELECT rowid FROM ${objects} WHERE object IS NULL)`);
  await connection.run(`DROP TABLE ${objects}`);
  return { ...loaded, rejects: [...loaded.rejects, ...broken] };
}

/** Either the object or the broken text; every JSON function passes a NULL object on. */
function selectObjects(reader: string): string {
  const parsed = `SELECT c0 AS line, TRY_CAST(c0 AS JSON) AS json FROM ${reader}`;
  const isObject = "coalesce(json_type(json) = 'OBJECT', false)";
  return `SELECT CASE WHEN ${isObject} THEN json END AS object, CASE WHEN NOT ${isObject} THEN line END AS broken FROM (${parsed})`;
}

/** Plain texts come out of one parse of the line, lists out of one more each. */
function selectCells({ columns }: RawRequest, objects: string): string {
  const texts = columns.filter(({ list }) => !list);
  const pointers = texts.map(({ source }) => literal(pointerTo(source))).join(", ");
  const cells = columns.map((column) => {
    const cell = column.list ? listAt(literal(pointerTo(column.source))) : `texts[${texts.indexOf(column) + 1}]`;
    return `${cell} AS ${identifier(column.name)}`;
  });
  const parsed = `SELECT object, json_extract_string(object, [${pointers}]) AS texts FROM ${objects}`;
  return `SELECT ${cells.join(", ")} FROM (${parsed})`;
}

async function requireKeys(request: RawRequest, objects: string): Promise<void> {
  const common = await keysOf(request, `SELECT object FROM ${objects} WHERE object IS NOT NULL LIMIT 1000`);
  if (common.length === 0 || request.columns.every(({ source }) => common.includes(source))) return;
  requireColumns(request, await keysOf(request, `SELECT object FROM ${objects}`));
}

async function keysOf({ connection }: RawRequest, objects: string): Promise<string[]> {
  const [keys] = await readColumns(
    connection,
    `SELECT DISTINCT unnest(json_keys(object)) AS key FROM (${objects}) ORDER BY key`,
  );
  return keys.map(String);
}

async function readBroken({ connection, source }: RawRequest, objects: string, table: RawTable): Promise<Reject[]> {
  const [rowids, texts] = await readColumns(
    connection,
    `SELECT rowid, broken FROM ${objects} WHERE object IS NULL ORDER BY rowid`,
  );
  return rowids.map((rowid, i) => ({
    file: source.path,
    line: table.lineOf(Number(rowid)),
    reason: "broken JSON",
    row: String(texts[i]),
  }));
}

/** RFC 6901. */
function pointerTo(key: string): string {
  return `/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

function listAt(pointer: string): string {
  const array = `json_transform(json_extract(object, ${pointer}), '["VARCHAR"]')`;
  const list = `CASE json_type(object, ${pointer}) WHEN 'ARRAY' THEN ${array} ELSE [json_extract_string(object, ${pointer})] END`;
  return `list_filter(${list}, lambda text: text IS NOT NULL)`;
}
