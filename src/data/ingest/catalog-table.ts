/** The table `catalog(id, code)` that an interactions file is held against, for a catalog that is in memory. */
import type { DuckDBConnection } from "@duckdb/node-api";

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
