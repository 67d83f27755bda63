/**
 * Qdrant over its REST interface. A version is a collection COLLECTION_VERSION with a payload index for every attribute, which its filtered
 * search walks by; the alias COLLECTION is what readers ask, and one call moves it. A version says what it is in the payload of its
 * points, for older servers keep nothing else. Reference: https://api.qdrant.tech
 */
import { randomUUID } from "node:crypto";
import type { ErrorCode } from "../../errors.ts";
import { loadClient } from "../store-client.ts";
import { codeOfStatus, nameTaken, storeError, withinTime } from "../store-errors.ts";
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
import { payloadOf, shortNumbers } from "../stored-row.ts";
import type { QdrantClient, QdrantModule, QdrantPayload } from "./qdrant-client.ts";
import { pathOf, qdrantCondition } from "./qdrant-filter.ts";

const packages = ["@qdrant/js-client-rest@1"];

export const qdrant: StoreKind = {
  name: "qdrant",
  schemes: ["qdrant", "qdrants"],
  example: "qdrant://localhost:6333 (qdrants:// over TLS)",
  packages,
  largestDimension: 65_535,
  open: async (target) => {
    const { QdrantClient: Client } = await loadClient<QdrantModule>("@qdrant/js-client-rest", packages);
    const { url, rest, secret, timeoutMs } = target;
    const address = `${url.startsWith("qdrants:") ? "https" : "http"}:${rest}`;
    const client = new Client({
      url: address,
      timeout: timeoutMs,
      checkCompatibility: false,
      ...(secret !== undefined && { apiKey: secret }),
    });
    const guarded: Guard = async (work) => {
      try {
        return await withinTime(target, work);
      } catch (cause) {
        throw storeError(cause, target, codeOf);
      }
    };
    await guarded(() => client.getCollections());
    return createStore(client, target, guarded);
  },
};

type Guard = <T>(work: () => Promise<T>) => Promise<T>;

function statusOf(error: unknown): number | undefined {
  const status = typeof error === "object" && error !== null && "status" in error ? error.status : undefined;
  return typeof status === "number" ? status : undefined;
}

function codeOf(error: unknown): ErrorCode | undefined {
  const status = statusOf(error);
  return status === undefined ? undefined : codeOfStatus(status);
}

const DISTANCES = { cosine: "Cosine", dot: "Dot" } as const;

/** Candidates that the graph keeps at a time. */
const SEARCH_WIDTH = 256;

function createStore(client: QdrantClient, target: StoreTarget, guarded: Guard): VectorStore {
  const { collection } = target;
  const nameOf = (version: string) => `${collection}_${version}`;
  const isVersion = new RegExp(`^${collection}_[0-9a-f]{12}$`);
  const versions = async (): Promise<string[]> =>
    (await client.getCollections()).collections.map(({ name }) => name).filter((name) => isVersion.test(name));
  const aliased = async () => (await client.getAliases()).aliases.find(({ alias_name }) => alias_name === collection);
  return {
    lock: () => guarded(() => collectionLock(client, target)),
    current: () =>
      guarded(async () => {
        const alias = await aliased();
        const { collections } = await client.getCollections();
        const isForeign = alias !== undefined && !isVersion.test(alias.collection_name);
        if (isForeign || collections.some(({ name }) => name === collection)) throw nameTaken(target.url, collection);
        if (alias === undefined) return undefined;
        const [first] = await client.retrieve(alias.collection_name, { ids: [RECORD], with_payload: true });
        return first && (JSON.parse(String(first.payload?.[RECORD_KEY])) as VersionRecord);
      }),
    written: (version) =>
      guarded(async () => {
        if (!(await versions()).includes(nameOf(version))) return 0;
        const { count } = await client.count(nameOf(version), { exact: true });
        return Math.max(0, count - 1);
      }),
    create: (record) => guarded(() => createVersion(client, nameOf(record.version), record)),
    append: (record, begin, items) =>
      guarded(async () => {
        const points = items.map((item, i) => pointOf(record, begin + i, item));
        await client.upsert(nameOf(record.version), { wait: true, points });
      }),
    finish: ({ version }) => untilGreen(client, nameOf(version), guarded),
    switchTo: ({ version }) =>
      guarded(async () => {
        const remove = (await aliased()) === undefined ? [] : [{ delete_alias: { alias_name: collection } }];
        const create = { create_alias: { alias_name: collection, collection_name: nameOf(version) } };
        await client.updateCollectionAliases({ actions: [...remove, create] });
      }),
    prune: ({ version }) =>
      guarded(async () => {
        for (const name of await versions()) if (name !== nameOf(version)) await client.deleteCollection(name);
      }),
    search: (record, query) => guarded(() => searchPoints(client, collection, record, query)),
    vectorOf: (_record, id) =>
      guarded(async () => {
        const filter = { must: [{ key: "id", match: { value: id } }] };
        const { points } = await client.scroll(collection, { filter, limit: 1, with_vector: true });
        const vector = points[0]?.vector;
        return Array.isArray(vector) ? Float32Array.from(vector) : undefined;
      }),
    close: async () => undefined,
  };
}

/** The point that holds what the version says of itself: its number lies beyond those of all rows, and no search meets it. */
const RECORD = 4_294_967_295;
const RECORD_KEY = "tailrec_record";

async function createVersion(client: QdrantClient, name: string, record: VersionRecord): Promise<void> {
  const { dimension, metric, attributes } = record;
  const { collections } = await client.getCollections();
  if (collections.some((other) => other.name === name)) await client.deleteCollection(name);
  await client.createCollection(name, { vectors: { size: dimension, distance: DISTANCES[metric] } });
  const index = (field_name: string, field_schema: "keyword" | "float") =>
    client.createPayloadIndex(name, { field_name, field_schema, wait: true });
  await index("id", "keyword");
  await index(RECORD_KEY, "keyword");
  for (const attribute of attributes) {
    await index(pathOf(attribute.name), attribute.kind === "category" ? "keyword" : "float");
  }
  const vector = Array.from({ length: dimension }, (_, d) => (d === 0 ? 1 : 0));
  const payload = { [RECORD_KEY]: JSON.stringify(record) };
  await client.upsert(name, { wait: true, points: [{ id: RECORD, vector, payload }] });
}

function pointOf({ attributes }: VersionRecord, row: number, item: StoredItem) {
  const { id, title, source, support, uncertainty, vector } = item;
  const own = attributes.flatMap(({ name }, a) => {
    const value = item.attributes[a];
    return value === null || (typeof value !== "number" && value.length === 0) ? [] : [[name, value] as const];
  });
  const payload: QdrantPayload = { id, title, source, support, uncertainty, attributes: Object.fromEntries(own) };
  return { id: row, vector: shortNumbers(vector), payload };
}

const POLL_MS = 200;

/** Waits until the optimisers have nothing to do: before, a part of the points is searched without the graph. */
async function untilGreen(client: QdrantClient, name: string, guarded: Guard): Promise<void> {
  while ((await guarded(() => client.getCollection(name))).status !== "green") {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function searchPoints(
  client: QdrantClient,
  collection: string,
  { attributes }: VersionRecord,
  { vector, count, filter }: StoreQuery,
): Promise<StoredHit[]> {
  const isItem = { is_empty: { key: RECORD_KEY } };
  const must = filter === undefined ? [isItem] : [isItem, qdrantCondition(filter, attributes)];
  const { points } = await client.query(collection, {
    query: shortNumbers(vector),
    limit: count,
    filter: { must },
    params: { hnsw_ef: Math.max(SEARCH_WIDTH, count) },
    with_payload: true,
  });
  return points.map(({ score, payload }) => ({
    ...payloadOf(payload ?? {}),
    score,
  }));
}

/** A collection of no vectors' worth is the lock: only one can create it. Its one point says who holds it, and until when. */
async function collectionLock(client: QdrantClient, { url, collection }: StoreTarget): Promise<StoreLock> {
  const name = `${collection}_lock`;
  const owner = randomUUID();
  const holder = async () => (await client.retrieve(name, { ids: [0], with_payload: true }))[0]?.payload ?? {};
  const renew = async (): Promise<void> => {
    if (((await holder()).owner ?? owner) !== owner) throw storeBusy(url, collection);
    const payload = { owner, until: Date.now() + LEASE_MS };
    await client.upsert(name, { wait: true, points: [{ id: 0, vector: [1], payload }] });
  };
  const create = () => client.createCollection(name, { vectors: { size: 1, distance: "Dot" } });
  const isThere = async () => (await client.getCollections()).collections.some((other) => other.name === name);
  if (await isThere()) {
    if (Number((await holder()).until ?? 0) > Date.now()) throw storeBusy(url, collection);
    await client.deleteCollection(name);
  }
  try {
    await create();
  } catch (error) {
    if (statusOf(error) === 409 || (statusOf(error) === 400 && (await isThere()))) throw storeBusy(url, collection);
    throw error;
  }
  await renew();
  return {
    renew,
    release: async () => {
      if ((await holder().catch(() => ({ owner: "" }))).owner !== owner) return;
      await client.deleteCollection(name).catch(() => undefined);
    },
  };
}
