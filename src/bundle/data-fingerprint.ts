/** What tells one set of training data from another: sha256 over ids and interactions. */
import { createHash } from "node:crypto";
import type { Catalog } from "../data/catalog.ts";
import type { Interactions } from "../data/interactions.ts";

export interface TrainingData {
  readonly catalog: Pick<Catalog, "ids">;
  readonly userIds: readonly string[];
  readonly interactions: Interactions;
}

/** Same ids and interactions, same fingerprint. */
export function fingerprintOf({ catalog, userIds, interactions }: TrainingData): string {
  const { indptr, indices, values } = interactions;
  const hash = createHash("sha256").update(JSON.stringify([catalog.ids, userIds]));
  for (const array of [indptr, indices, values])
    hash.update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  return hash.digest("hex");
}

/** sha256 over entries by their ids, whatever rows they stand in. */
export function entriesDigest({ catalog, userIds, interactions }: TrainingData): string {
  const { indptr, indices, values, times } = interactions;
  const hash = createHash("sha256");
  for (let user = 0; user < interactions.rows; user++) {
    for (let p = indptr[user]; p < indptr[user + 1]; p++) {
      hash.update(JSON.stringify([userIds[user], catalog.ids[indices[p]], values[p], times?.[p] ?? null]));
    }
  }
  return hash.digest("hex");
}
