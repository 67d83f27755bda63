/** The tables that an interactions file is held against: `catalog(id, code)`, for a catalog that is in memory, and who was erased. */
import type { DuckDBConnection } from "@duckdb/node-api";
import type { ErasedUsers } from "./service-log/erased-users.ts";

/** The code of an item that was deleted on purpose: its interactions are left out, and are no rejects. */
export const DELETED = -1;

/** Leaves the table behind, in place of any before it: an item's code is its row. */
export async function writeCatalogTable(
  connection: DuckDBConnection,
  ids: readonly string[],
  deleted: readonly string[] = [],
): Promise<void> {
  await connection.run("CREATE OR REPLACE TEMP TABLE catalog(id VARCHAR, code INTEGER)");
  const appender = await connection.createAppender("catalog");
  const append = (id: string, code: number): void => {
    appender.appendVarchar(id);
    appender.appendInteger(code);
    appender.endRow();
  };
  for (const [code, id] of ids.entries()) append(id, code);
  for (const id of deleted) append(id, DELETED);
  appender.closeSync();
}

/** Leaves the table `erased(user_hash, seconds)` behind, in place of any before it: who was erased, and when. */
export async function writeErasedTable(connection: DuckDBConnection, erased: ErasedUsers = new Map()): Promise<void> {
  await connection.run("CREATE OR REPLACE TEMP TABLE erased(user_hash VARCHAR, seconds DOUBLE)");
  const appender = await connection.createAppender("erased");
  for (const [hash, seconds] of erased) {
    appender.appendVarchar(hash);
    appender.appendDouble(seconds);
    appender.endRow();
  }
  appender.closeSync();
}
