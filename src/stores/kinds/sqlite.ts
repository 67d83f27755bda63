/**
 * SQLite with sqlite-vec: one file, exact search. A version is two tables, COLLECTION_VERSION with payloads and COLLECTION_VERSION_vectors
 * with vectors; `tailrec_current` names the version that readers see, and the view COLLECTION shows its payloads. The extension knows
 * no inner product: for it a vector v stands as [v ; sqrt(m^2 - |v|^2)] under the Euclidean distance, |q - v|^2 = |q|^2 + m^2 - 2 q.v, which
 * keeps the order exactly where search is exact. A filter chooses rows before the nearest are taken.
 */
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { ErrorCode } from "../../errors.ts";
import { type SqlDialect, sqlCondition } from "../sql-filter.ts";
import { loadClient } from "../store-client.ts";
import { errorCodeOf, storeError } from "../store-errors.ts";
import type { StoredHit, StoredItem, StoreKind, StoreQuery, VectorStore, VersionRecord } from "../store-kind.ts";
import type { StoreTarget } from "../store-target.ts";
import type { SqliteDatabase, SqliteModule, SqliteVecModule } from "./sqlite-client.ts";
import { leaseLock } from "./sqlite-lease.ts";

const packages = ["better-sqlite3@12", "sqlite-vec@0.1.9"];

const TABLES = `
CREATE TABLE IF NOT EXISTS tailrec_versions (collection TEXT, version TEXT, record TEXT, PRIMARY KEY (collection, version));
CREATE TABLE IF NOT EXISTS tailrec_current (collection TEXT PRIMARY KEY, version TEXT);
CREATE TABLE IF NOT EXISTS tailrec_locks (collection TEXT PRIMARY KEY, owner TEXT, until REAL)`;

export const sqlite: StoreKind = {
  name: "sqlite",
  schemes: ["sqlite"],
  example: "sqlite:out/shop/items.db",
  packages,
  largestDimension: 8191,
  open: async (target) => {
    const path = target.rest.replace(/^\/\/(?=\/)/, "");
    const { default: Database } = await loadClient<SqliteModule>("better-sqlite3", packages);
    const vec = await loadClient<SqliteVecModule>("sqlite-vec", packages);
    const guarded = guardOf(target);
    await mkdir(dirname(path), { recursive: true }).catch((cause: unknown) => {
      throw storeError(cause, target, codeOf);
    });
    const database = guarded(() => {
      const opened = new Database(path, { timeout: target.timeoutMs });
      vec.load(opened);
      opened.pragma("journal_mode = WAL");
      opened.exec(TABLES);
      return opened;
    });
    return createStore(database, target, guarded);
  },
};

type Guard = <T>(work: () => T) => T;

function guardOf(target: StoreTarget): Guard {
  return (work) => {
    try {
      return work();
    } catch (cause) {
      throw storeError(cause, target, codeOf);
    }
  };
}

function codeOf(error: unknown): ErrorCode | undefined {
  const code = errorCodeOf(error) ?? "";
  if (/^SQLITE_(BUSY|LOCKED)/.test(code)) return "STORE_BUSY";
  if (/^SQLITE_(CANTOPEN|NOTADB)|^(ENOENT|EACCES|ENOTDIR|EEXIST)$/.test(code)) return "STORE_UNREACHABLE";
  return undefined;
}

function createStore(database: SqliteDatabase, target: StoreTarget, guarded: Guard): VectorStore {
  const { collection } = target;
  const table = (version: string) => `"${collection}_${version}"`;
  const vectors = (version: string) => `"${collection}_${version}_vectors"`;
  const drop = (version: string): void => {
    database.exec(`DROP TABLE IF EXISTS ${table(version)}; DROP TABLE IF EXISTS ${vectors(version)}`);
    database.prepare("DELETE FROM tailrec_versions WHERE collection = ? AND version = ?").run(collection, version);
  };
  const atOnce = (work: () => void): void => guarded(() => database.transaction(work).immediate());
  const versions = (): string[] =>
    database
      .prepare("SELECT version FROM tailrec_versions WHERE collection = ?")
      .all(collection)
      .map(({ version }) => String(version));
  return {
    lock: async () => guarded(() => leaseLock(database, target)),
    current: async () =>
      guarded(() => {
        const row = database
          .prepare(
            "SELECT record FROM tailrec_current JOIN tailrec_versions USING (collection, version) WHERE collection = ?",
          )
          .get(collection);
        return row && (JSON.parse(String(row.record)) as VersionRecord);
      }),
    written: async (version) =>
      guarded(() => {
        if (!versions().includes(version)) return 0;
        return Number(database.prepare(`SELECT count(*) AS n FROM ${table(version)}`).get()?.n);
      }),
    create: async (record) => {
      const { version, metric, dimension } = record;
      const [width, distance] = metric === "cosine" ? [dimension, "cosine"] : [dimension + 1, "l2"];
      atOnce(() => {
        drop(version);
        database.exec(
          `CREATE TABLE ${table(version)} (row INTEGER PRIMARY KEY, id TEXT UNIQUE, title TEXT, source TEXT, support INTEGER, uncertainty REAL, attributes TEXT);
           CREATE VIRTUAL TABLE ${vectors(version)} USING vec0(embedding float[${width}] distance_metric=${distance})`,
        );
        database
          .prepare("INSERT INTO tailrec_versions VALUES (?, ?, ?)")
          .run(collection, version, JSON.stringify(record));
      });
    },
    append: async (record, begin, items) =>
      atOnce(() => appendRows(database, record, begin, items, { table, vectors })),
    finish: async () => undefined,
    switchTo: async ({ version }) =>
      atOnce(() => {
        database.prepare("INSERT OR REPLACE INTO tailrec_current VALUES (?, ?)").run(collection, version);
        const payload = "row, id, title, source, support, uncertainty, attributes";
        database.exec(
          `DROP VIEW IF EXISTS "${collection}"; CREATE VIEW "${collection}" AS SELECT ${payload} FROM ${table(version)}`,
        );
      }),
    prune: async ({ version }) =>
      atOnce(() => {
        for (const other of versions()) if (other !== version) drop(other);
      }),
    search: async (record, query) => guarded(() => searchRows(database, record, query, { table, vectors })),
    vectorOf: async ({ version, dimension }, id) =>
      guarded(() => {
        // The extension takes "rowid = NULL" for any row.
        const row = database.prepare(`SELECT row FROM ${table(version)} WHERE id = ?`).get(id)?.row;
        if (row === undefined) return undefined;
        const sql = `SELECT embedding FROM ${vectors(version)} WHERE rowid = ?`;
        const blob = database.prepare(sql).get(BigInt(Number(row)))?.embedding;
        return blob instanceof Uint8Array ? floatsOf(blob).subarray(0, dimension) : undefined;
      }),
    close: async () => {
      database.close();
    },
  };
}

interface Names {
  table(version: string): string;
  vectors(version: string): string;
}

function appendRows(
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
    const named = Object.fromEntries(attributes.map(({ name }, a) => [name, values[a]]));
    insertItem.run(row, id, title, source, support, uncertainty, JSON.stringify(named));
    remove.run(row);
    insertVector.run(row, bytesOf(metric === "dot" ? augmented(vector, longest) : vector));
  }
}

/** [v ; sqrt(m^2 - |v|^2)]. */
function augmented(vector: Float32Array, longest: number): Float32Array {
  const square = vector.reduce((sum, value) => sum + value * value, 0);
  return Float32Array.of(...vector, Math.sqrt(Math.max(0, longest ** 2 - square)));
}

function searchRows(
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
  const square = vector.reduce((sum, value) => sum + value * value, 0);
  return rows.map(({ id, title, source, support, uncertainty, distance }) => ({
    id: String(id),
    title: String(title),
    source: String(source),
    support: Number(support),
    uncertainty: Number(uncertainty),
    score: isDot ? (square + record.longest ** 2 - Number(distance) ** 2) / 2 : 1 - Number(distance),
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

function floatsOf(blob: Uint8Array): Float32Array {
  return new Float32Array(blob.slice().buffer);
}
