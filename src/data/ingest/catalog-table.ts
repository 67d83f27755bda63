/** The table `catalog(id, code)` that an interactions file is held against, for a catalog that is in memory. */
import type { DuckDBConnection } from "@duckdb/node-api";

/** Leaves the table behind: an item's code is its row. */
export async function writeCatalogTable(connection: DuckDBConnection, ids: readonly string[]): Promise<void> {
  await connection.run("CREATE TEMP TABLE catalog(id VARCHAR, code INTEGER)");
  const appender = await connection.createAppender("catalog");
  for (const [code, id] of ids.entries()) {
    appender.appendVarchar(id);
    appender.appendInteger(code);
    appender.endRow();
  }
  appender.closeSync();
}
