/**
 * LanceDB, a folder of Lance tables read in process. A version is a table COLLECTION_VERSION; the table COLLECTION_current holds one row
 * that names the version readers see, and is overwritten in one commit. Search is exact up to a size at which it is quick; beyond,
 * an IVF index of whole vectors: quantised HNSW has lost most of the list under the inner product (lancedb/lance#7352).
 */
import { mkdir } from "node:fs/promises";
import { loadClient } from "../store-client.ts";
import { storeError, withinTime } from "../store-errors.ts";
import type { StoreKind, VectorStore, VersionRecord } from "../store-kind.ts";
import type { StoreTarget } from "../store-target.ts";
import { folderLease } from "./folder-lease.ts";
import type { LanceConnection, LanceModule } from "./lancedb-client.ts";
import { type Guard, idsOf, itemsOf, literal, packages, rowOf, schemaOf, searchTable } from "./lancedb-rows.ts";

/** Above it an index is built. */
const EXACT_ROWS = 200_000;

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
    await guarded(() => mkdir(folder, { recursive: true }));
    const connection = await guarded(() => lance.connect(folder));
    return createStore(lance, connection, target, folder, guarded);
  },
};

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
  const append: VectorStore["append"] = (record, begin, items) =>
    guarded(async () => {
      const rows = items.map((item, i) => rowOf(record, begin + i, item));
      const name = tableName(record.version);
      if ((await names()).includes(name)) {
        const table = await connection.openTable(name);
        // A batch whose answer was lost is there already.
        await table.delete(`row >= ${begin}`);
        await table.add(lance.makeArrowTable(rows, { schema: await table.schema() }));
      } else await connection.createTable(name, lance.makeArrowTable(rows, { schema: await schemaOf(record) }));
    });
  const countOf = (version: string) =>
    guarded(async () => {
      const name = tableName(version);
      return (await names()).includes(name) ? (await connection.openTable(name)).countRows() : 0;
    });
  const open = (version: string) => guarded(() => connection.openTable(tableName(version)));
  return {
    lock: () => folderLease(folder, target),
    current: () => guarded(current),
    written: countOf,
    create: ({ version }) => guarded(() => drop(tableName(version))),
    append,
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
    inheritance: {
      itemsOf: async function* (record) {
        yield* itemsOf(await open(record.version), record, guarded);
      },
      inherit: async (from, to, gone) => {
        const had = await countOf(to.version);
        const skipped = new Set([...gone, ...(had === 0 ? [] : await idsOf(await open(to.version), guarded))]);
        let begin = had;
        for await (const items of itemsOf(await open(from.version), from, guarded)) {
          const kept = items.filter(({ id }) => !skipped.has(id));
          if (kept.length > 0) await append(to, begin, kept);
          begin += kept.length;
        }
      },
    },
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
