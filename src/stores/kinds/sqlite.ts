/**
 * SQLite with sqlite-vec: one file, exact search. A version is two tables, COLLECTION_VERSION with payloads and COLLECTION_VERSION_vectors
 * with vectors; `tailrec_current` names the version that readers see, and the view COLLECTION shows its payloads. The extension knows
 * no inner product: for it a vector v stands as [v ; sqrt(m^2 - |v|^2)] under the Euclidean distance, |q - v|^2 = |q|^2 + m^2 - 2 q.v, which
 * keeps the order exactly where search is exact. A filter chooses rows before the nearest are taken.
 */
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { type ErrorCode, TailrecError } from "../../errors.ts";
import { loadClient } from "../store-client.ts";
import { errorCodeOf, nameTaken, storeError } from "../store-errors.ts";
import type { StoreKind, VectorStore, VersionRecord } from "../store-kind.ts";
import type { StoreTarget } from "../store-target.ts";
import type { SqliteDatabase, SqliteModule, SqliteVecModule } from "./sqlite-client.ts";
import { leaseLock } from "./sqlite-lease.ts";
import { appendRows, floatsOf, inheritRows, itemsOf, searchRows } from "./sqlite-rows.ts";

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
    if (path.startsWith(":memory:")) throw notKept(target);
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

function notKept({ url }: StoreTarget): TailrecError {
  return new TailrecError("INVALID_ARGUMENT", `${url}: what is in memory is gone with this command; name a file`);
}

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
        if (row !== undefined) return JSON.parse(String(row.record)) as VersionRecord;
        const other = database.prepare("SELECT name FROM sqlite_master WHERE name = ?").get(collection);
        if (other !== undefined) throw nameTaken(target.url, collection);
        return undefined;
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
    inheritance: {
      itemsOf: (record) => itemsOf(database, record, guarded, { table, vectors }),
      inherit: async (from, to, gone) => atOnce(() => inheritRows(database, from, to, gone, { table, vectors })),
    },
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
