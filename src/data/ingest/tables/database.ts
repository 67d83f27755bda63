/** An in-memory DuckDB for the length of one call: no file, no network, times in UTC. A process that reads no table never loads it. */
import type { DuckDBConnection, DuckDBValue, DuckDBVector } from "@duckdb/node-api";

/** Runs `work` with a fresh connection and closes it after, whatever happens. */
export async function withDatabase<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
  const { DuckDBInstance } = await import("@duckdb/node-api");
  const instance = await DuckDBInstance.create(":memory:", {
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
  });
  try {
    const connection = await instance.connect();
    try {
      await connection.run("SET TimeZone = 'UTC'");
      return await work(connection);
    } finally {
      connection.closeSync();
    }
  } finally {
    instance.closeSync();
  }
}

/** The columns of a query's result, each an array over all rows. */
export async function readColumns(connection: DuckDBConnection, sql: string): Promise<DuckDBValue[][]> {
  const result = await connection.stream(sql);
  const columns: DuckDBValue[][] = Array.from({ length: result.columnCount }, () => []);
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    chunk.appendToColumns(columns);
  }
  return columns;
}

/** Rows of a table, or of what stands for one in SQL. */
export async function countRows(connection: DuckDBConnection, table: string): Promise<number> {
  const [[count]] = await readColumns(connection, `SELECT count(*)::INTEGER FROM ${table}`);
  return Number(count);
}

/** A text as an SQL literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A path as an SQL literal that matches this one file, whatever it holds of `*`, `?` and `[`. */
export function globLiteral(path: string): string {
  return literal(path.replaceAll(/[*?[]/g, "[$&]"));
}

/** A name as an SQL identifier. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/**
 * The columns of a query of numbers without NULL, as typed arrays: whole numbers of 32 bits in as many, all others as doubles. `rows`:
 * how many to expect, so that no array is made twice.
 */
export async function readNumbers(connection: DuckDBConnection, sql: string, rows = 0): Promise<NumberColumn[]> {
  const { DuckDBTypeId } = await import("@duckdb/node-api");
  const result = await connection.stream(sql);
  const columns = result.columnTypes().map(({ typeId }) => emptyColumn(typeId === DuckDBTypeId.INTEGER, rows));
  let length = 0;
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    for (const [c, column] of columns.entries()) {
      columns[c] = withRoom(column, length + chunk.rowCount);
      fillColumn(columns[c], length, chunk.getColumnVector(c));
    }
    length += chunk.rowCount;
  }
  return columns.map((column) => column.subarray(0, length));
}

export type NumberColumn = Int32Array | Float64Array;

function emptyColumn(isWhole: boolean, length: number): NumberColumn {
  return isWhole ? new Int32Array(length) : new Float64Array(length);
}

function withRoom(column: NumberColumn, length: number): NumberColumn {
  if (column.length >= length) return column;
  const larger = emptyColumn(column instanceof Int32Array, Math.max(length, 2 * column.length));
  larger.set(column);
  return larger;
}

function fillColumn(column: NumberColumn, offset: number, vector: DuckDBVector): void {
  for (let i = 0; i < vector.itemCount; i++) column[offset + i] = Number(vector.getItem(i));
}
