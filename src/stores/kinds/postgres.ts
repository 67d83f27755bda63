/**
 * PostgreSQL with pgvector. A version is a table COLLECTION_VERSION with an HNSW index of its metric; the view COLLECTION shows the version
 * that readers see, and a transaction exchanges it. What passes a filter is compared one and all; where very much does, the index is
 * scanned on until enough rows pass (hnsw.iterative_scan, pgvector 0.8), or else lists come back short (pgvector issues, "filtering").
 */
import { nameTaken } from "../store-errors.ts";
import type { StoreKind, VectorStore, VersionRecord } from "../store-kind.ts";
import type { StoreTarget } from "../store-target.ts";
import { connectionTo, packages, type Run } from "./postgres-client.ts";
import { leaseLock } from "./postgres-lease.ts";
import { appendRows, itemsOf, literal, searchRows } from "./postgres-rows.ts";

const SETUP = `CREATE EXTENSION IF NOT EXISTS vector;
CREATE TABLE IF NOT EXISTS tailrec_versions (collection text, version text, record jsonb, is_current boolean, PRIMARY KEY (collection, version));
CREATE TABLE IF NOT EXISTS tailrec_locks (collection text PRIMARY KEY, owner text, until double precision)`;

export const postgres: StoreKind = {
  name: "postgres",
  schemes: ["postgres", "postgresql"],
  example: "postgresql://shop@localhost:5432/shop",
  packages,
  largestDimension: 2000,
  open: async (target) => {
    const { run, end } = await connectionTo(target);
    await run(SETUP);
    return createStore(run, target, end);
  },
};

/** Building an index may take so long. */
const INDEX_MS = 4 * 3_600_000;

/** Links of a node, and candidates while it is built: the defaults of 16 and 64 lose a twentieth of the lists of 100,000 items. */
const GRAPH = { links: 32, width: 128 };

const [LEAST_MEMORY, MOST_MEMORY] = [2 ** 26, 2 ** 31];

/** A graph that does not fit into the memory of the work is built many times as slowly. A larger setting of the server stays. */
function memoryOf(rows: number, dimension: number): string {
  const bytes = Math.ceil(1.25 * rows * (4 * dimension + 48 * GRAPH.links + 256));
  const wanted = Math.min(Math.max(bytes, LEAST_MEMORY), MOST_MEMORY - 1024);
  const kilobytes = `greatest(pg_size_bytes(current_setting('maintenance_work_mem')), ${wanted}) / 1024`;
  return `SELECT set_config('maintenance_work_mem', (${kilobytes}) || 'kB', true)`;
}

const CLASSES = { cosine: "vector_cosine_ops", dot: "vector_ip_ops" } as const;

function createStore(run: Run, target: StoreTarget, end: () => Promise<void>): VectorStore {
  const { collection } = target;
  const table = (version: string) => `"${collection}_${version}"`;
  const atOnce = async (statements: readonly string[], limitMs = target.timeoutMs): Promise<void> => {
    const limited = `SET LOCAL statement_timeout = ${limitMs}`;
    await run(["BEGIN", limited, ...statements, "COMMIT"].join(";\n"), [], limitMs).catch(async (error: unknown) => {
      await run("ROLLBACK").catch(() => undefined);
      throw error;
    });
  };
  const forget = (version: string): string[] => [
    `DELETE FROM tailrec_versions WHERE collection = ${literal(collection)} AND version = ${literal(version)}`,
    `DROP TABLE IF EXISTS ${table(version)}`,
  ];
  const recordOf = async (condition: string): Promise<VersionRecord | undefined> => {
    const [row] = await run(`SELECT record FROM tailrec_versions WHERE collection = $1 AND ${condition}`, [collection]);
    return row && (row.record as VersionRecord);
  };
  return {
    lock: () => leaseLock(run, target),
    current: async () => {
      const record = await recordOf("is_current");
      if (record !== undefined) return record;
      const [{ other }] = await run("SELECT to_regclass($1)::text AS other", [`"${collection}"`]);
      if (other !== null) throw nameTaken(target.url, collection);
      return undefined;
    },
    written: async (version) => {
      if ((await recordOf(`version = ${literal(version)}`)) === undefined) return 0;
      return Number((await run(`SELECT count(*) AS n FROM ${table(version)}`))[0].n);
    },
    create: (record) =>
      atOnce([
        ...forget(record.version),
        `CREATE TABLE ${table(record.version)} (row integer PRIMARY KEY, id text UNIQUE, title text, source text, support integer, uncertainty real, attributes jsonb, embedding vector(${record.dimension}))`,
        `INSERT INTO tailrec_versions VALUES (${literal(collection)}, ${literal(record.version)}, ${literal(JSON.stringify(record))}, false)`,
      ]),
    append: (record, begin, items) => appendRows(run, table(record.version), record, begin, items),
    finish: async ({ version, metric, rows, dimension }) => {
      const index = `CREATE INDEX IF NOT EXISTS "${collection}_${version}_index" ON ${table(version)} USING hnsw (embedding ${CLASSES[metric]}) WITH (m = ${GRAPH.links}, ef_construction = ${GRAPH.width})`;
      await atOnce([memoryOf(rows, dimension), index, `ANALYZE ${table(version)}`], INDEX_MS);
    },
    switchTo: ({ version }) =>
      atOnce([
        `DROP VIEW IF EXISTS "${collection}"`,
        `CREATE VIEW "${collection}" AS SELECT * FROM ${table(version)}`,
        `UPDATE tailrec_versions SET is_current = (version = ${literal(version)}) WHERE collection = ${literal(collection)}`,
      ]),
    prune: async ({ version }) => {
      const others = await run("SELECT version FROM tailrec_versions WHERE collection = $1 AND version <> $2", [
        collection,
        version,
      ]);
      if (others.length > 0) await atOnce(others.flatMap((other) => forget(String(other.version))));
    },
    inheritance: {
      itemsOf: (record) => itemsOf(run, table(record.version), record),
      inherit: async (from, to, gone) => {
        const mine = table(to.version);
        const columns = "id, title, source, support, uncertainty, attributes, embedding";
        const lost = `SELECT jsonb_array_elements_text(${literal(JSON.stringify(gone))}::jsonb)`;
        const added = `INSERT INTO ${mine} SELECT (SELECT count(*) FROM ${mine}) + row, ${columns} FROM ${table(from.version)}
           WHERE id NOT IN (SELECT id FROM ${mine}) AND id NOT IN (${lost})`;
        await atOnce([added], INDEX_MS);
      },
    },
    search: (record, query) => searchRows(run, table(record.version), record, query),
    vectorOf: async ({ version }, id) => {
      const [row] = await run(`SELECT embedding::text AS text FROM ${table(version)} WHERE id = $1`, [id]);
      return row && Float32Array.from(JSON.parse(String(row.text)) as number[]);
    },
    close: end,
  };
}
