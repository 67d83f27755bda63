/** The registry of vector stores: whoever opens one asks here. A store of one's own is a module and a line. */
import { TailrecError } from "../errors.ts";
import { lancedb } from "./kinds/lancedb.ts";
import { postgres } from "./kinds/postgres.ts";
import { qdrant } from "./kinds/qdrant.ts";
import { sqlite } from "./kinds/sqlite.ts";
import { weaviate } from "./kinds/weaviate.ts";
import type { StoreKind } from "./store-kind.ts";

export const storeKinds: readonly StoreKind[] = [sqlite, postgres, qdrant, lancedb, weaviate];

/** The kind of an address. INVALID_ARGUMENT with an example of each. */
export function storeKindOf(url: string): StoreKind {
  const scheme = /^([a-z]+):/.exec(url)?.[1];
  const found = storeKinds.find(({ schemes }) => schemes.includes(scheme ?? ""));
  if (found !== undefined) return found;
  const examples = storeKinds.map(({ example }) => example).join(", ");
  throw new TailrecError("INVALID_ARGUMENT", `expected the address of a store, such as ${examples}; received "${url}"`);
}
