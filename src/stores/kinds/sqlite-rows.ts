/** Rows of a version in SQLite: written, taken over, read back and searched, by the tables of kinds/sqlite.ts. */
import { dot } from "../../math/cosine.ts";
import { type SqlDialect, sqlCondition } from "../sql-filter.ts";
import type { StoredHit, StoredItem, StoreQuery, VersionRecord } from "../store-kind.ts";
import { attributeValues, namedAttributes, payloadOf } from "../stored-row.ts";
import type { SqliteDatabase } from "./sqlite-client.ts";

/** Rows read at a time. */
const READ_ROWS = 1000;

/** All items, in the order of the rows. */
export async function* itemsOf(
  database: SqliteDatabase,
  { version, dimension, attributes }: VersionRecord,
  guarded: <T>(work: () => T) => T,
  { table, vectors }: Names,
): AsyncGenerator<readonly StoredItem[]> {
  const read = database.prepare(
    `SELECT items.*, embedding FROM ${table(version)} items JOIN ${vectors(version)} stored ON stored.rowid = items.row
     WHERE items.row > ? ORDER BY items.row LIMIT ${READ_ROWS}`,
  );
  for (let last = -1; ; ) {
    const rows = guarded(() => read.all(last));
    if (rows.length === 0) return;
    yield rows.map((row) => ({
      ...payloadOf(row),
      attributes: attributeValues(JSON.parse(String(row.attributes)), attributes),
      vector: floatsOf(row.embedding as Uint8Array).subarray(0, dimension),
    }));
    last = Number(rows[rows.length - 1].row);
  }
}

/** Rows of `from` behind those that `to` has; vectors again, for the last number of one depends on the longest. */
export function inheritRows(
  database: SqliteDatabase,
  from: VersionRecord,
  to: VersionRecord,
  gone: readonly string[],
  { table, vectors }: Names,
): void {
  const [mine, theirs] = [table(to.version), table(from.version)];
  const begin = Number(database.prepare(`SELECT count(*) AS n FROM ${mine}`).get()?.n);
  database
    .prepare(
      `INSERT INTO ${mine} SELECT ? + row, id, title, source, support, uncertainty, attributes FROM ${theirs}
       WHERE id NOT IN (SELECT id FROM ${mine}) AND id NOT IN (SELECT value FROM json_each(?))`,
    )
    .run(begin, JSON.stringify(gone));
  const read = database.prepare(`SELECT embedding FROM ${vectors(from.version)} WHERE rowid = ?`);
  const insert = database.prepare(`INSERT INTO ${vectors(to.version)} (rowid, embedding) VALUES (?, ?)`);
  for (const { row } of database.prepare(`SELECT row FROM ${mine} WHERE row >= ?`).all(begin)) {
    const blob = read.get(BigInt(Number(row) - begin))?.embedding as Uint8Array;
    const vector = floatsOf(blob).subarray(0, to.dimension);
    insert.run(BigInt(Number(row)), bytesOf(to.metric === "dot" ? augmented(vector, to.longest) : vector));
  }
}

/** Tables of a version: payloads, and vectors. */
export interface Names {
  table(version: string): string;
  vectors(version: string): string;
}

/** Adding the same rows twice is adding them once. */
export function appendRows(
  database: SqliteDatabase,
  { version, metric, attributes, longest }: VersionRecord,
  begin: number,
  items: readonly StoredItem[],
  { table, vectors }: Names,
): void {
  const insertItem = database.prepare(`INSERT OR IGNORE INTO ${table(version)} VALUES (?, ?, ?, ?, ?, ?, ?)`);
  const remove = database.prepare(`DELETE FROM ${vectors(version)} WHERE rowid = ?`);
  const insertVector = database.prepare(`INSERT INTO ${vectors(version)} (rowid, embedding) VALUES (?, ?)`);
  for (const [i, { vector, id, title, source, support, uncertainty, attributes: values }] of items.entries()) {
    const row = BigInt(begin + i);
    insertItem.run(row, id, title, source, support, uncertainty, namedAttributes(attributes, values));
    remove.run(row);
    insertVector.run(row, bytesOf(metric === "dot" ? augmented(vector, longest) : vector));
  }
}

/** [v ; sqrt(m^2 - |v|^2)]. */
function augmented(vector: Float32Array, longest: number): Float32Array {
  return Float32Array.of(...vector, Math.sqrt(Math.max(0, longest ** 2 - dot(vector, vector))));
}

/** The nearest among the rows that the filter leaves. */
export function searchRows(
  database: SqliteDatabase,
  record: VersionRecord,
  { vector, count, filter }: StoreQuery,
  { table, vectors }: Names,
): StoredHit[] {
  const { version, metric, attributes } = record;
  const isDot = metric === "dot";
  const parameters: unknown[] = [];
  const condition = filter && sqlCondition(filter, attributes, dialectOf(parameters));
  const chosen = condition === undefined ? "" : `AND rowid IN (SELECT row FROM ${table(version)} WHERE ${condition})`;
  const sql = `WITH nearest AS (SELECT rowid, distance FROM ${vectors(version)} WHERE embedding MATCH ? AND k = ? ${chosen})
    SELECT items.*, distance FROM nearest JOIN ${table(version)} items ON items.row = nearest.rowid ORDER BY distance, items.row`;
  const query = isDot ? Float32Array.of(...vector, 0) : vector;
  const rows = database.prepare(sql).all(bytesOf(query), BigInt(count), ...parameters);
  const square = dot(vector, vector);
  return rows.map((row) => ({
    ...payloadOf(row),
    score: isDot ? (square + record.longest ** 2 - Number(row.distance) ** 2) / 2 : 1 - Number(row.distance),
  }));
}

function dialectOf(parameters: unknown[]): SqlDialect {
  const path = (attribute: string) => `'$."${attribute.replaceAll("'", "''").replaceAll('"', '\\"')}"'`;
  return {
    parameter: (value) => {
      parameters.push(value);
      return "?";
    },
    idIn: (values) => `(id IN (${values.join(", ")}))`,
    hasAny: (attribute, values) =>
      `EXISTS (SELECT 1 FROM json_each(attributes, ${path(attribute)}) WHERE value IN (${values.join(", ")}))`,
    number: (attribute) => `json_extract(attributes, ${path(attribute)})`,
    hasValue: (attribute) => `EXISTS (SELECT 1 FROM json_each(attributes, ${path(attribute)}))`,
  };
}

function bytesOf(vector: Float32Array): Buffer {
  return Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength);
}

/** A stored vector, with what its metric added behind it. */
export function floatsOf(blob: Uint8Array): Float32Array {
  return new Float32Array(blob.slice().buffer);
}
