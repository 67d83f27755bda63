/** What is used of better-sqlite3 and sqlite-vec, which are installed only where this store is. */

export interface SqliteStatement {
  run(...parameters: readonly unknown[]): unknown;
  get(...parameters: readonly unknown[]): Record<string, unknown> | undefined;
  all(...parameters: readonly unknown[]): Record<string, unknown>[];
}

export interface SqliteDatabase {
  prepare(sql: string): SqliteStatement;
  exec(sql: string): unknown;
  pragma(sql: string): unknown;
  /** The same work as one transaction that begins by taking the right to write. */
  transaction<T>(work: () => T): { immediate(): T };
  close(): unknown;
}

export interface SqliteModule {
  readonly default: new (path: string, options: { readonly timeout: number }) => SqliteDatabase;
}

export interface SqliteVecModule {
  load(database: SqliteDatabase): void;
}
