/**
 * PostgreSQL with pgvector. A version is a table COLLECTION_VERSION with an HNSW index of its metric; the view COLLECTION shows the version
 * that readers see, and a transaction exchanges it. Queries scan the index on until a filter leaves enough rows (hnsw.iterative_scan,
 * pgvector 0.8): without it a filter thins out what the index gives, and lists come back short (pgvector issues, "filtering").
 */
import { randomUUID } from "node:crypto";
import type { ErrorCode } from "../../errors.ts";
import { type SqlDialect, sqlCondition } from "../sql-filter.ts";
import { loadClient } from "../store-client.ts";
import { errorCodeOf, storeError, withinTime } from "../store-errors.ts";
import type {
  StoredHit,
  StoredItem,
  StoreKind,
  StoreLock,
  StoreQuery,
  VectorStore,
  VersionRecord,
} from "../store-kind.ts";
import { LEASE_MS, storeBusy } from "../store-lease.ts";
import type { StoreTarget } from "../store-target.ts";

const packages = ["pg@8"];

interface PgClient {
  connect(): Promise<unknown>;
  query(query: object): Promise<{ readonly rows?: readonly Record<string, unknown>[] }>;
  end(): Promise<void>;
  on(event: "error", listener: (error: Error) => void): unknown;
}

interface PgModule {
  readonly default: { readonly Client: new (options: object) => PgClient };
}

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
    const { default: pg } = await loadClient<PgModule>("pg", packages);
    const { url, secret, timeoutMs } = target;
    const timeouts = { connectionTimeoutMillis: timeoutMs, statement_timeout: timeoutMs };
    const options = { connectionString: url, ...timeouts, ...(secret !== undefined && { password: secret }) };
    let client: PgClient | undefined;
    const connected = async (): Promise<PgClient> => {
      if (client !== undefined) return client;
      const opened = new pg.Client(options);
      // A connection that breaks is made anew by the next call.
      opened.on("error", () => {
        client = undefined;
      });
      await opened.connect();
      client = opened;
      return opened;
    };
    const run: Run = async (text, values = [], limit = timeoutMs) => {
      // Without parameters several statements may be sent as one.
      const query = { text, query_timeout: limit, ...(values.length > 0 && { values }) };
      try {
        const send = async () => (await (await connected()).query(query)).rows ?? [];
        return await withinTime({ url, timeoutMs: limit }, send);
      } catch (cause) {
        const error = storeError(cause, target, codeOf);
        if (error.code === "STORE_UNREACHABLE") client = undefined;
        throw error;
      }
    };
    await run(SETUP);
    return createStore(run, target, async () => client?.end());
  },
};

type Run = (text: string, values?: readonly unknown[], limitMs?: number) => Promise<readonly Record<string, unknown>[]>;

/** Building an index may take so long. */
const INDEX_MS = 4 * 3_600_000;

/** Classes of SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html */
function codeOf(error: unknown): ErrorCode | undefined {
  const code = errorCodeOf(error) ?? "";
  if (/^(28|42501)/.test(code)) return "STORE_DENIED";
  if (/^(08|57P|3D000)/.test(code)) return "STORE_UNREACHABLE";
  if (/^(53|54)/.test(code)) return "STORE_FAILED";
  return undefined;
}

const OPERATORS = { cosine: "<=>", dot: "<#>" } as const;
const CLASSES = { cosine: "vector_cosine_ops", dot: "vector_ip_ops" } as const;

function createStore(run: Run, target: StoreTarget, end: () => Promise<void>): VectorStore {
  const { collection } = target;
  const table = (version: string) => `"${collection}_${version}"`;
  const atOnce = async (statements: readonly string[]): Promise<void> => {
    await run(["BEGIN", ...statements, "COMMIT"].join(";\n")).catch(async (error: unknown) => {
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
    current: () => recordOf("is_current"),
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
    finish: async ({ version, metric }) => {
      const index = `CREATE INDEX IF NOT EXISTS "${collection}_${version}_index" ON ${table(version)} USING hnsw (embedding ${CLASSES[metric]})`;
      await run(
        `BEGIN; SET LOCAL statement_timeout = ${INDEX_MS}; ${index}; ANALYZE ${table(version)}; COMMIT`,
        [],
        INDEX_MS,
      );
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
    search: (record, query) => searchRows(run, table(record.version), record, query),
    vectorOf: async ({ version }, id) => {
      const [row] = await run(`SELECT embedding::text AS text FROM ${table(version)} WHERE id = $1`, [id]);
      return row && Float32Array.from(JSON.parse(String(row.text)) as number[]);
    },
    close: async () => {
      await end().catch(() => undefined);
    },
  };
}

/** A row that its holder renews; a lock of the session would tie a push to one connection of a pool. */
async function leaseLock(run: Run, { url, collection }: StoreTarget): Promise<StoreLock> {
  const owner = randomUUID();
  const renew = async (): Promise<void> => {
    const now = Date.now();
    const taken = await run(
      `INSERT INTO tailrec_locks VALUES ($1, $2, $3) ON CONFLICT (collection) DO UPDATE SET owner = excluded.owner, until = excluded.until
       WHERE tailrec_locks.owner = excluded.owner OR tailrec_locks.until < $4 RETURNING owner`,
      [collection, owner, now + LEASE_MS, now],
    );
    if (taken.length === 0) throw storeBusy(url, collection);
  };
  await renew();
  return {
    renew,
    release: async () => {
      await run("DELETE FROM tailrec_locks WHERE collection = $1 AND owner = $2", [collection, owner]);
    },
  };
}

async function appendRows(
  run: Run,
  table: string,
  { attributes }: VersionRecord,
  begin: number,
  items: readonly StoredItem[],
): Promise<void> {
  const named = ({ attributes: values }: StoredItem) =>
    JSON.stringify(Object.fromEntries(attributes.map(({ name }, a) => [name, values[a]])));
  const columns = [
    items.map((_, i) => begin + i),
    items.map(({ id }) => id),
    items.map(({ title }) => title),
    items.map(({ source }) => source),
    items.map(({ support }) => support),
    items.map(({ uncertainty }) => uncertainty),
    items.map(named),
    items.map(({ vector }) => vectorText(vector)),
  ];
  await run(
    `INSERT INTO ${table} SELECT r, i, t, s, n, u, a::jsonb, e::vector
     FROM unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::int[], $6::real[], $7::text[], $8::text[]) AS given(r, i, t, s, n, u, a, e)
     ON CONFLICT DO NOTHING`,
    columns,
  );
}

/** Candidates that the index keeps at a time; 40, its own default, loses a tenth of the lists of uneven lengths. */
const SEARCH_WIDTH = 200;

async function searchRows(
  run: Run,
  table: string,
  { metric, attributes }: VersionRecord,
  { vector, count, filter }: StoreQuery,
): Promise<StoredHit[]> {
  const parameters: unknown[] = [vectorText(vector), count];
  const condition = filter && sqlCondition(filter, attributes, dialectOf(parameters));
  await run(
    `BEGIN; SET LOCAL hnsw.ef_search = ${Math.max(SEARCH_WIDTH, count)}; SET LOCAL hnsw.iterative_scan = strict_order`,
  );
  try {
    const rows = await run(
      `SELECT id, title, source, support, uncertainty, embedding ${OPERATORS[metric]} $1::vector AS distance FROM ${table}
       ${condition === undefined ? "" : `WHERE ${condition}`} ORDER BY embedding ${OPERATORS[metric]} $1::vector LIMIT $2`,
      parameters,
    );
    return rows.map(({ id, title, source, support, uncertainty, distance }) => ({
      id: String(id),
      title: String(title),
      source: String(source),
      support: Number(support),
      uncertainty: Number(uncertainty),
      score: metric === "cosine" ? 1 - Number(distance) : -Number(distance),
    }));
  } finally {
    await run("COMMIT");
  }
}

function dialectOf(parameters: unknown[]): SqlDialect {
  const parameter = (value: string | number | readonly string[]): string => {
    parameters.push(value);
    return `$${parameters.length}`;
  };
  return {
    parameter: (value) => `${parameter(value)}::${typeof value === "number" ? "double precision" : "text"}`,
    idIn: (values) => `(id IN (${values.join(", ")}))`,
    hasAny: (attribute, values) =>
      `coalesce(attributes -> ${literal(attribute)} ?| ARRAY[${values.join(", ")}], false)`,
    number: (attribute) => `(attributes ->> ${literal(attribute)})::double precision`,
    hasValue: (attribute) => `(coalesce(jsonb_array_length(attributes -> ${literal(attribute)}), 0) > 0)`,
  };
}

function vectorText(vector: Float32Array): string {
  return `[${vector.join(",")}]`;
}

function literal(text: string): string {
  return text.includes("\\")
    ? ` E'${text.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`
    : `'${text.replaceAll("'", "''")}'`;
}
