/** What is used of @lancedb/lancedb, which is installed only where this store is. */

export interface LanceQuery {
  where(condition: string): LanceQuery;
  limit(count: number): LanceQuery;
  select(columns: readonly string[]): LanceQuery;
  toArray(): Promise<Record<string, unknown>[]>;
}

export interface LanceVectorQuery extends LanceQuery {
  distanceType(metric: "cosine" | "dot"): LanceVectorQuery;
  nprobes(count: number): LanceVectorQuery;
  limit(count: number): LanceVectorQuery;
}

export interface LanceTable {
  add(rows: unknown): Promise<unknown>;
  delete(condition: string): Promise<unknown>;
  countRows(): Promise<number>;
  schema(): Promise<unknown>;
  createIndex(column: string, options: object): Promise<void>;
  query(): LanceQuery;
  search(vector: readonly number[]): LanceVectorQuery;
}

export interface LanceConnection {
  tableNames(): Promise<readonly string[]>;
  openTable(name: string): Promise<LanceTable>;
  createTable(name: string, rows: unknown, options?: { readonly mode?: "overwrite" }): Promise<LanceTable>;
  dropTable(name: string): Promise<void>;
  close(): void;
}

export interface LanceModule {
  connect(folder: string): Promise<LanceConnection>;
  makeArrowTable(rows: readonly Record<string, unknown>[], options: { readonly schema: unknown }): unknown;
  readonly Index: { ivfFlat(options: { readonly distanceType: "cosine" | "dot" }): unknown };
}
