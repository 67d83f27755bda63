/** JSON lines to a raw table. Each line is one text until it proves to be an object; a key may be absent from single lines. */
import { identifier, literal, readColumns } from "./database.ts";
import { type RawRequest, type RawTable, requireColumns, scannedTable } from "./raw-table.ts";
import type { Reject } from "./rejects.ts";
import type { TextScan } from "./text-scan.ts";

/** `reader` yields one column c0, a line each. */
export async function loadJsonLines(request: RawRequest, scan: TextScan, reader: string): Promise<RawTable> {
  const { connection, table } = request;
  const lines = `${table}_lines`;
  await connection.run(
    `CREATE TEMP TABLE ${lines} AS SELECT c0 AS line, json_valid(c0) AND json_type(c0) = 'OBJECT' AS valid FROM ${reader}`,
  );
  await requireKeys(request, lines);
  await connection.run(`CREATE TEMP TABLE ${table} AS ${selectCells(request, lines)}`);
  const loaded = await scannedTable(request, scan);
  const broken = await readBroken(request, lines, loaded);
  await connection.run(`DELETE FROM ${table} WHERE rowid IN (SELECT rowid FROM ${lines} WHERE NOT valid)`);
  await connection.run(`DROP TABLE ${lines}`);
  return { ...loaded, rejects: [...loaded.rejects, ...broken] };
}

/** Plain texts come out of one parse of the line, lists out of one more each. */
function selectCells({ columns }: RawRequest, lines: string): string {
  const texts = columns.filter(({ list }) => !list);
  const pointers = texts.map(({ source }) => literal(pointerTo(source))).join(", ");
  const cells = columns.map((column) => {
    const cell = column.list ? listAt(literal(pointerTo(column.source))) : `texts[${texts.indexOf(column) + 1}]`;
    return `CASE WHEN valid THEN ${cell} END AS ${identifier(column.name)}`;
  });
  const parsed = `SELECT line, valid, CASE WHEN valid THEN json_extract_string(line, [${pointers}]) END AS texts FROM ${lines}`;
  return `SELECT ${cells.join(", ")} FROM (${parsed})`;
}

async function requireKeys(request: RawRequest, lines: string): Promise<void> {
  const common = await keysOf(request, `SELECT line FROM ${lines} WHERE valid LIMIT 1000`);
  if (common.length === 0 || request.columns.every(({ source }) => common.includes(source))) return;
  requireColumns(request, await keysOf(request, `SELECT line FROM ${lines} WHERE valid`));
}

async function keysOf({ connection }: RawRequest, lines: string): Promise<string[]> {
  const [keys] = await readColumns(
    connection,
    `SELECT DISTINCT unnest(json_keys(line)) AS key FROM (${lines}) ORDER BY key`,
  );
  return keys.map(String);
}

async function readBroken({ connection, source }: RawRequest, lines: string, table: RawTable): Promise<Reject[]> {
  const [rowids, texts] = await readColumns(
    connection,
    `SELECT rowid, line FROM ${lines} WHERE NOT valid ORDER BY rowid`,
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
  const array = `json_transform(json_extract(line, ${pointer}), '["VARCHAR"]')`;
  const list = `CASE json_type(line, ${pointer}) WHEN 'ARRAY' THEN ${array} ELSE [json_extract_string(line, ${pointer})] END`;
  return `list_filter(${list}, lambda text: text IS NOT NULL)`;
}
