/** What is used of @qdrant/js-client-rest, which is installed only where this store is. */

export type QdrantPayload = Readonly<Record<string, unknown>>;

export interface QdrantPoint {
  readonly id: number;
  readonly vector: readonly number[];
  readonly payload: QdrantPayload;
}

export interface FoundPoint {
  readonly score: number;
  readonly payload?: QdrantPayload | null;
  readonly vector?: unknown;
}

export type QdrantCondition =
  | { readonly must: readonly QdrantCondition[] }
  | { readonly should: readonly QdrantCondition[] }
  | { readonly must_not: readonly QdrantCondition[] }
  | { readonly key: string; readonly match: { readonly value: string } | { readonly any: readonly string[] } }
  | { readonly key: string; readonly range: Readonly<Partial<Record<"gt" | "gte" | "lt" | "lte", number>>> }
  | { readonly is_empty: { readonly key: string } };

export interface QdrantClient {
  getCollections(): Promise<{ readonly collections: readonly { readonly name: string }[] }>;
  getCollection(name: string): Promise<{ readonly status: string }>;
  createCollection(
    name: string,
    options: { readonly vectors: { readonly size: number; readonly distance: "Cosine" | "Dot" } },
  ): Promise<unknown>;
  deleteCollection(name: string): Promise<unknown>;
  createPayloadIndex(
    name: string,
    options: { readonly field_name: string; readonly field_schema: "keyword" | "float"; readonly wait: true },
  ): Promise<unknown>;
  getAliases(): Promise<{
    readonly aliases: readonly { readonly alias_name: string; readonly collection_name: string }[];
  }>;
  updateCollectionAliases(options: { readonly actions: readonly object[] }): Promise<unknown>;
  upsert(name: string, options: { readonly wait: true; readonly points: readonly QdrantPoint[] }): Promise<unknown>;
  count(name: string, options: { readonly exact: true }): Promise<{ readonly count: number }>;
  retrieve(
    name: string,
    options: { readonly ids: readonly number[]; readonly with_payload: true },
  ): Promise<readonly FoundPoint[]>;
  scroll(
    name: string,
    options: { readonly filter: QdrantCondition; readonly limit: number; readonly with_vector: true },
  ): Promise<{ readonly points: readonly FoundPoint[] }>;
  query(
    name: string,
    options: {
      readonly query: readonly number[];
      readonly limit: number;
      readonly filter: QdrantCondition;
      readonly params: { readonly hnsw_ef: number };
      readonly with_payload: true;
    },
  ): Promise<{ readonly points: readonly FoundPoint[] }>;
}

export interface QdrantModule {
  readonly QdrantClient: new (options: object) => QdrantClient;
}
