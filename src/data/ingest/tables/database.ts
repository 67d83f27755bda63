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

/** The columns of a query of numbers without NULL, as typed arrays. */
export async function readNumbers(connection: DuckDBConnection, sql: string): Promise<Float64Array[]> {
  const result = await connection.stream(sql);
  const parts: Float64Array[][] = Array.from({ length: result.columnCount }, () => []);
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    for (const [c, part] of parts.entries()) part.push(numbersOf(chunk.getColumnVector(c)));
  }
  return parts.map(joinParts);
}

function numbersOf(vector: DuckDBVector): Float64Array {
  const numbers = new Float64Array(vector.itemCount);
  for (let i = 0; i < numbers.length; i++) numbers[i] = Number(vector.getItem(i));
  return numbers;
}

function joinParts(parts: readonly Float64Array[]): Float64Array {
  const joined = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}
