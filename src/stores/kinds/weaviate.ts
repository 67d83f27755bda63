/**
 * Weaviate over REST and GraphQL. A version is a class Collection_VERSION, whose description says what it is; the alias Collection names the
 * class that readers see, and one call moves it. An object's id is a digest of the item's, so that adding it twice is adding it
 * once. Filters are asked of the class: through an alias GraphQL refuses them (1.35).
 */
import { createHash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { TailrecError } from "../../errors.ts";
import { nameTaken } from "../store-errors.ts";
import type { StoredHit, StoredItem, StoreKind, StoreQuery, VectorStore, VersionRecord } from "../store-kind.ts";
import type { StoreTarget } from "../store-target.ts";
import { shortNumbers } from "../stored-row.ts";
import { type WeaviateClient, weaviateClient } from "./weaviate-client.ts";
import { propertyNames, weaviateCondition } from "./weaviate-filter.ts";
import { classLock } from "./weaviate-lease.ts";

export const weaviate: StoreKind = {
  name: "weaviate",
  schemes: ["weaviate", "weaviates"],
  example: "weaviate://localhost:8080 (weaviates:// over TLS)",
  packages: [],
  largestDimension: 65_535,
  open: async (target) => {
    const client = weaviateClient(target);
    if ((await client.request("GET", "/meta")) === undefined) {
      throw new TailrecError("STORE_UNREACHABLE", `${target.url}: what answers is no Weaviate; check the address`);
    }
    return createStore(client, target);
  },
};

interface ClassList {
  readonly classes: readonly { readonly class: string }[];
}

function createStore(client: WeaviateClient, target: StoreTarget): VectorStore {
  const { collection } = target;
  // Names of classes begin with a capital letter.
  const alias = `${collection[0].toUpperCase()}${collection.slice(1)}`;
  const nameOf = (version: string) => `${alias}_${version}`;
  const isVersion = new RegExp(`^${alias}_[0-9a-f]{12}$`);
  const versions = async (): Promise<string[]> => {
    const { classes } = (await client.request<ClassList>("GET", "/schema")) ?? { classes: [] };
    return classes.map((known) => known.class).filter((name) => isVersion.test(name));
  };
  const aliased = () => client.request<{ readonly class: string }>("GET", `/aliases/${alias}`);
  return {
    lock: () => classLock(client, `${alias}_lock`, target),
    current: async () => {
      const found = await aliased();
      const isForeign = found !== undefined && !isVersion.test(found.class);
      // The path of a schema takes an alias, too: without one, the name is that of a class.
      const isClass = found === undefined && (await client.request("GET", `/schema/${alias}`)) !== undefined;
      if (isForeign || isClass) throw nameTaken(target.url, alias);
      const seen = found && (await client.request<{ readonly description: string }>("GET", `/schema/${found.class}`));
      return seen && (JSON.parse(seen.description) as VersionRecord);
    },
    written: async (version) => {
      if (!(await versions()).includes(nameOf(version))) return 0;
      const query = `{Aggregate{${nameOf(version)}{meta{count}}}}`;
      const counted = await client.query<Counted>("Aggregate", query);
      return counted[nameOf(version)][0].meta.count;
    },
    create: async (record) => {
      await client.request("DELETE", `/schema/${nameOf(record.version)}`);
      await client.request("POST", "/schema", classOf(nameOf(record.version), record));
    },
    append: (record, _begin, items) => appendObjects(client, nameOf(record.version), record, items, target),
    finish: ({ version }) => untilIndexed(client, nameOf(version)),
    switchTo: async ({ version }) => {
      const isThere = (await aliased()) !== undefined;
      if (isThere) await client.request("PUT", `/aliases/${alias}`, { class: nameOf(version) });
      else await client.request("POST", "/aliases", { alias, class: nameOf(version) });
    },
    prune: async ({ version }) => {
      for (const name of await versions()) {
        if (name !== nameOf(version)) await client.request("DELETE", `/schema/${name}`);
      }
    },
    search: (record, query) => searchObjects(client, nameOf(record.version), record, query),
    vectorOf: async ({ version }, id) => {
      const path = `/objects/${nameOf(version)}/${objectId(id)}?include=vector`;
      const found = await client.request<{ readonly vector: readonly number[] }>("GET", path);
      return found && Float32Array.from(found.vector);
    },
    close: async () => undefined,
  };
}

type Counted = Readonly<Record<string, readonly { readonly meta: { readonly count: number } }[]>>;

/** Candidates that the graph keeps at a time, and links of a node. */
const GRAPH = { ef: 256, efConstruction: 256, maxConnections: 32 };

function classOf(name: string, record: VersionRecord): object {
  const kept = { indexFilterable: false, indexSearchable: false };
  const text = { indexSearchable: false, tokenization: "field" };
  const names = propertyNames(record.attributes);
  const own = record.attributes.map(({ kind }, a) =>
    kind === "category"
      ? { name: names[a], dataType: ["text[]"], ...text }
      : { name: names[a], dataType: ["number"], indexRangeFilters: true },
  );
  return {
    class: name,
    description: JSON.stringify(record),
    vectorizer: "none",
    vectorIndexType: "hnsw",
    vectorIndexConfig: { distance: record.metric, ...GRAPH },
    invertedIndexConfig: { indexNullState: true },
    properties: [
      { name: "item", dataType: ["text"], ...text },
      { name: "title", dataType: ["text"], ...kept },
      { name: "source", dataType: ["text"], ...text },
      { name: "support", dataType: ["int"] },
      { name: "uncertainty", dataType: ["number"], indexFilterable: false },
      ...own,
    ],
  };
}

/** A UUID from the digest of an item's id. */
function objectId(id: string): string {
  const hex = createHash("sha256").update(id).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    "-",
  );
}

interface Written {
  readonly result?: { readonly errors?: { readonly error?: readonly { readonly message: string }[] } };
}

async function appendObjects(
  client: WeaviateClient,
  name: string,
  { attributes }: VersionRecord,
  items: readonly StoredItem[],
  { url }: StoreTarget,
): Promise<void> {
  const names = propertyNames(attributes);
  const objects = items.map(({ id, title, source, support, uncertainty, attributes: values, vector }) => {
    const own = values.flatMap((value, a) => {
      const isMissing = value === null || (typeof value !== "number" && value.length === 0);
      return isMissing ? [] : [[names[a], value] as const];
    });
    const properties = { item: id, title, source, support, uncertainty, ...Object.fromEntries(own) };
    return { class: name, id: objectId(id), properties, vector: shortNumbers(vector) };
  });
  const written = (await client.request<readonly Written[]>("POST", "/batch/objects", { objects })) ?? [];
  // A batch is accepted as a whole, and each of its objects may be refused.
  const refused = written.flatMap(({ result }) => result?.errors?.error ?? []);
  if (refused.length === 0) return;
  const message = `${url}: ${refused.length} of ${items.length} items were refused: ${refused[0].message}`;
  throw new TailrecError("STORE_FAILED", `${message}; readers see what they saw before; mend it, then push again`);
}

const POLL_MS = 200;

interface NodeList {
  readonly nodes: readonly { readonly shards?: readonly { readonly vectorQueueLength?: number }[] | null }[];
}

/** Waits until no vector is in a queue, which servers that index in the background keep. */
async function untilIndexed(client: WeaviateClient, name: string): Promise<void> {
  for (;;) {
    const { nodes } = (await client.request<NodeList>("GET", `/nodes/${name}?output=verbose`)) ?? { nodes: [] };
    const waiting = nodes.flatMap(({ shards }) => shards ?? []).map(({ vectorQueueLength = 0 }) => vectorQueueLength);
    if (waiting.every((count) => count === 0)) return;
    await delay(POLL_MS);
  }
}

type Found = Readonly<Record<string, readonly FoundObject[]>>;

interface FoundObject {
  readonly item: string;
  readonly title: string;
  readonly source: string;
  readonly support: number;
  readonly uncertainty: number;
  readonly _additional: { readonly distance: number };
}

async function searchObjects(
  client: WeaviateClient,
  name: string,
  { metric, attributes }: VersionRecord,
  { vector, count, filter }: StoreQuery,
): Promise<StoredHit[]> {
  const where = filter === undefined ? "" : `where: ${weaviateCondition(filter, attributes)}, `;
  const asked = `limit: ${count}, ${where}nearVector: {vector: [${shortNumbers(vector).join(",")}]}`;
  const fields = "item title source support uncertainty _additional{distance}";
  const found = await client.query<Found>("Get", `{Get{${name}(${asked}){${fields}}}}`);
  return found[name].map(({ item: id, title, source, support, uncertainty, _additional: { distance } }) => ({
    id,
    title,
    source,
    support,
    uncertainty,
    // Weaviate gives 1 - cosine, and the negative inner product.
    score: metric === "cosine" ? 1 - distance : -distance,
  }));
}
