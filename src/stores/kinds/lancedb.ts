/**
 * LanceDB, a folder of Lance tables read in process. A version is a table COLLECTION_VERSION; the table COLLECTION_current holds one row
 * that names the version readers see, and is overwritten in one commit. Search is exact up to a size at which it is quick; beyond,
 * an IVF index of whole vectors: quantised HNSW has lost most of the list under the inner product (lancedb/lance#7352).
 */
import { TailrecError } from "../../errors.ts";
import { type SqlDialect, sqlCondition } from "../sql-filter.ts";
import { loadClient } from "../store-client.ts";
import { storeError, withinTime } from "../store-errors.ts";
import type { StoredHit, StoredItem, StoreKind, StoreQuery, VectorStore, VersionRecord } from "../store-kind.ts";
import type { StoreTarget } from "../store-target.ts";
import { folderLease } from "./folder-lease.ts";
import type { LanceConnection, LanceModule, LanceTable } from "./lancedb-client.ts";

const packages = ["@lancedb/lancedb@0.31", "apache-arrow@18"];

/** Above it an index is built. */
const EXACT_ROWS = 200_000;
/** Of 256 or more partitions; .99 of the lists. */
const PROBES = 64;

export const lancedb: StoreKind = {
  name: "lancedb",
  schemes: ["lancedb"],
  example: "lancedb:out/shop/lance",
  packages,
  largestDimension: 8192,
  open: async (target) => {
    const folder = target.rest.replace(/^\/\/(?=\/)/, "");
    const lance = await loadClient<LanceModule>("@lancedb/lancedb", packages);
    const guarded: Guard = async (work, timeoutMs = target.timeoutMs) => {
      try {
        return await withinTime({ ...target, timeoutMs }, work);
      } catch (cause) {
        throw storeError(cause, target);
      }
    };
    const connection = await guarded(() => lance.connect(folder));
    return createStore(lance, connection, target, folder, guarded);
  },
};

type Guard = <T>(work: () => Promise<T>, limitMs?: number) => Promise<T>;

/** Building an index may take so long. */
const INDEX_MS = 4 * 3_600_000;

function createStore(
  lance: LanceModule,
  connection: LanceConnection,
  target: StoreTarget,
  folder: string,
  guarded: Guard,
): VectorStore {
  const { collection } = target;
  const pointer = `${collection}_current`;
  const tableName = (version: string) => `${collection}_${version}`;
  const names = () => connection.tableNames();
  const drop = async (name: string): Promise<void> => {
    if ((await names()).includes(name)) await connection.dropTable(name);
  };
  const current = async (): Promise<VersionRecord | undefined> => {
    if (!(await names()).includes(pointer)) return undefined;
    const [row] = await (await connection.openTable(pointer)).query().toArray();
    return JSON.parse(String(row.record)) as VersionRecord;
  };
  return {
    lock: () => folderLease(folder, target),
    current: () => guarded(current),
    written: (version) =>
      guarded(async () => {
        const name = tableName(version);
        return (await names()).includes(name) ? (await connection.openTable(name)).countRows() : 0;
      }),
    create: ({ version }) => guarded(() => drop(tableName(version))),
    append: (record, begin, items) =>
      guarded(async () => {
        const rows = items.map((item, i) => rowOf(record, begin + i, item));
        const name = tableName(record.version);
        if ((await names()).includes(name)) {
          const table = await connection.openTable(name);
          // A batch whose answer was lost is there already.
          await table.delete(`row >= ${begin}`);
          await table.add(lance.makeArrowTable(rows, { schema: await table.schema() }));
        } else await connection.createTable(name, lance.makeArrowTable(rows, { schema: await schemaOf(record) }));
      }),
    finish: ({ version, metric, rows }) =>
      guarded(async () => {
        const table = await connection.openTable(tableName(version));
        await table.createIndex("id", { replace: true });
        if (rows > EXACT_ROWS) {
          await table.createIndex("vector", { config: lance.Index.ivfFlat({ distanceType: metric }), replace: true });
        }
      }, INDEX_MS),
    switchTo: (record) =>
      guarded(async () => {
        const isThere = (await names()).includes(pointer);
        const row = { record: JSON.stringify(record) };
        await connection.createTable(pointer, [row], isThere ? { mode: "overwrite" } : {});
      }),
    prune: ({ version }) =>
      guarded(async () => {
        const own = new RegExp(`^${collection}_[0-9a-f]{12}$`);
        for (const name of await names())
          if (own.test(name) && name !== tableName(version)) await connection.dropTable(name);
      }),
    search: (record, query) =>
      guarded(async () => searchTable(await connection.openTable(tableName(record.version)), record, query)),
    vectorOf: ({ version }, id) =>
      guarded(async () => {
        const table = await connection.openTable(tableName(version));
        const [row] = await table
          .query()
          .where(`id = ${literal(id)}`)
          .limit(1)
          .toArray();
        return row && Float32Array.from(row.vector as Iterable<number>);
      }),
    close: async () => connection.close(),
  };
}

/** Columns of attributes stand under a prefix, so that none is called as one of ours. */
const ATTRIBUTE = "attribute_";

function rowOf({ attributes }: VersionRecord, row: number, item: StoredItem): Record<string, unknown> {
  const { id, title, source, support, uncertainty, vector } = item;
  const values = attributes.map(({ name }, a) => [`${ATTRIBUTE}${name}`, item.attributes[a]] as const);
  return { row, id, title, source, support, uncertainty, vector: Array.from(vector), ...Object.fromEntries(values) };
}

async function schemaOf({ attributes, dimension }: VersionRecord): Promise<unknown> {
  const { Schema, Field, Utf8, Int32, Float32, Float64, List, FixedSizeList } = await loadClient<ArrowModule>(
    "apache-arrow",
    packages,
  );
  const item = (type: unknown) => new Field("item", type, true);
  const own = attributes.map(
    ({ name, kind }) =>
      new Field(`${ATTRIBUTE}${name}`, kind === "category" ? new List(item(new Utf8())) : new Float64(), true),
  );
  return new Schema([
    new Field("row", new Int32(), false),
    ...["id", "title", "source"].map((name) => new Field(name, new Utf8(), false)),
    new Field("support", new Int32(), false),
    new Field("uncertainty", new Float32(), false),
    new Field("vector", new FixedSizeList(dimension, item(new Float32())), false),
    ...own,
  ]);
}

type Make<Arguments extends readonly unknown[]> = new (...given: Arguments) => unknown;

/** What is used of apache-arrow. */
interface ArrowModule {
  readonly Schema: Make<[fields: readonly unknown[]]>;
  readonly Field: Make<[name: string, type: unknown, nullable: boolean]>;
  readonly Utf8: Make<[]>;
  readonly Int32: Make<[]>;
  readonly Float32: Make<[]>;
  readonly Float64: Make<[]>;
  readonly List: Make<[field: unknown]>;
  readonly FixedSizeList: Make<[length: number, field: unknown]>;
}

async function searchTable(
  table: LanceTable,
  { metric, attributes }: VersionRecord,
  { vector, count, filter }: StoreQuery,
): Promise<StoredHit[]> {
  const nearest = table.search(Array.from(vector)).distanceType(metric).nprobes(PROBES).limit(count);
  const filtered = filter === undefined ? nearest : nearest.where(sqlCondition(filter, attributes, dialect));
  return (await filtered.toArray()).map(({ id, title, source, support, uncertainty, _distance }) => ({
    id: String(id),
    title: String(title),
    source: String(source),
    support: Number(support),
    uncertainty: Number(uncertainty),
    // Lance gives 1 - cosine, and 1 - inner product.
    score: 1 - Number(_distance),
  }));
}

const column = (attribute: string): string => {
  if (attribute.includes("`")) {
    throw new TailrecError(
      "INVALID_OPTIONS",
      `filter: LanceDB takes no attribute with a "\`" in its name: ${attribute}`,
    );
  }
  return `\`${ATTRIBUTE}${attribute}\``;
};

const dialect: SqlDialect = {
  parameter: (value) => (typeof value === "number" ? `CAST(${value} AS DOUBLE)` : literal(value)),
  idIn: (values) => `(id IN (${values.join(", ")}))`,
  hasAny: (attribute, values) => `coalesce(array_has_any(${column(attribute)}, [${values.join(", ")}]), false)`,
  number: column,
  hasValue: (attribute) => `(coalesce(array_length(${column(attribute)}), 0) > 0)`,
};

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
