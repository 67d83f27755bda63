/**
 * What of a store's version is no longer as a bundle has it. An item is sent where it is new, where its payload differs, or where its
 * vector v moved from the stored s: |v - s| > t max(|v|, |s|), at length 1 under the cosine. The share t is given. So no
 * score is off by more than t times the largest that the item can have.
 */
import { dot } from "../math/cosine.ts";
import { recordOf, type StoreContent } from "./store-content.ts";
import type { Metric, StoredItem, VectorStore, VersionInheritance, VersionRecord } from "./store-kind.ts";

export interface VersionChange {
  /** What readers see. */
  readonly from: VersionRecord;
  /** What they will see: the items that stay, and those that are sent. */
  readonly to: VersionRecord;
  readonly sent: readonly StoredItem[];
  /** Ids of items that the bundle has no longer. */
  readonly gone: readonly string[];
}

/** Where more is to be sent than this share of the items, the whole version is: copying the rest would save nothing. */
const MOST_SENT = 0.5;

/** Undefined where the version must be sent whole: too much is new, the store holds none, or one of another form. */
export async function changeOf(
  store: VectorStore,
  content: StoreContent,
  moved: number,
): Promise<VersionChange | undefined> {
  const { inheritance } = store;
  const from = await store.current();
  if (inheritance === undefined || from === undefined || !isAlike(from, content)) return undefined;
  const stored = await storedItems(inheritance, from);
  const isSent = (item: StoredItem) => differs(stored.get(item.id), item, content.metric, moved);
  const sent = content.items.filter(isSent);
  if (sent.length > MOST_SENT * content.items.length) return undefined;
  const [ids, left] = [new Set(content.items.map(({ id }) => id)), new Set(sent)];
  const gone = [...stored.keys()].filter((id) => !ids.has(id));
  const items = content.items.map((item) => (left.has(item) ? item : (stored.get(item.id) ?? item)));
  return { from, to: recordOf({ ...content, items }), sent, gone };
}

async function storedItems(
  inheritance: VersionInheritance,
  from: VersionRecord,
): Promise<ReadonlyMap<string, StoredItem>> {
  const stored = new Map<string, StoredItem>();
  for await (const items of inheritance.itemsOf(from)) for (const item of items) stored.set(item.id, item);
  return stored;
}

function isAlike(record: VersionRecord, { purpose, metric, dimension, attributes }: StoreContent): boolean {
  const form = (of: Pick<VersionRecord, "purpose" | "metric" | "dimension" | "attributes">) =>
    JSON.stringify([of.purpose, of.metric, of.dimension, of.attributes.map(({ name, kind }) => [name, kind])]);
  return form(record) === form({ purpose, metric, dimension, attributes });
}

function differs(stored: StoredItem | undefined, item: StoredItem, metric: Metric, moved: number): boolean {
  if (stored === undefined || payloadOf(stored) !== payloadOf(item)) return true;
  const larger = Math.max(stored.uncertainty, item.uncertainty);
  if (Math.abs(stored.uncertainty - item.uncertainty) > moved * larger) return true;
  return distanceOf(stored.vector, item.vector, metric) > moved;
}

function payloadOf({ title, source, support, attributes }: StoredItem): string {
  return JSON.stringify([title, source, support, attributes]);
}

/** |v - s| / max(|v|, |s|); 0 for two vectors of zeros. */
function distanceOf(v: Float32Array, s: Float32Array, metric: Metric): number {
  const [own, other] = [Math.sqrt(dot(v, v)), Math.sqrt(dot(s, s))];
  const [a, b] = metric === "cosine" ? [own || 1, other || 1] : [1, 1];
  const gap = Math.sqrt(v.reduce((sum, value, d) => sum + (value / a - s[d] / b) ** 2, 0));
  const larger = Math.max(own / a, other / b);
  return larger === 0 ? 0 : gap / larger;
}
