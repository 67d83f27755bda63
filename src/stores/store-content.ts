/** What a push puts into a store, and its name: a digest of everything that the store will hold. */
import { createHash } from "node:crypto";
import { dot } from "../math/cosine.ts";
import type { Metric, Purpose, StoredAttribute, StoredItem, VersionRecord } from "./store-kind.ts";

export interface StoreContent {
  readonly purpose: Purpose;
  readonly metric: Metric;
  readonly dimension: number;
  readonly attributes: readonly StoredAttribute[];
  readonly items: readonly StoredItem[];
}

/** What a version of this content says of itself. */
export function recordOf({ purpose, metric, dimension, attributes, items }: StoreContent): VersionRecord {
  const hash = createHash("sha256").update(JSON.stringify([1, purpose, metric, dimension, attributes]));
  let longest = 0;
  for (const { vector, ...payload } of items) {
    hash.update(JSON.stringify(payload)).update(new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength));
    longest = Math.max(longest, dot(vector, vector));
  }
  const version = hash.digest("hex").slice(0, 12);
  return { version, purpose, metric, dimension, longest: Math.sqrt(longest), rows: items.length, attributes };
}
