/** A vector table as Parquet, through DuckDB: id VARCHAR, the further columns, vector FLOAT[]. */
import {
  type DuckDBConnection,
  DuckDBDataChunk,
  type DuckDBType,
  type DuckDBValue,
  FLOAT,
  LIST,
  listValue,
  UINTEGER,
  VARCHAR,
} from "@duckdb/node-api";
import { rowOf } from "../math/matrix.ts";
import { identifier, literal, withDatabase } from "./database.ts";
import type { ExtraColumn, VectorTable } from "./vector-table.ts";

interface Column {
  readonly name: string;
  readonly type: DuckDBType;
  readonly at: (row: number) => DuckDBValue;
}

/** Rows of a DuckDB data chunk. Whole chunks: 20 times as fast as its appender value by value. */
const CHUNK_ROWS = 2048;

/** Writes the file at `path`. */
export async function fillParquet(path: string, table: VectorTable): Promise<void> {
  const columns = columnsOf(table);
  await withDatabase(async (connection) => {
    const definitions = columns.map(({ name, type }) => `${identifier(name)} ${type}`);
    await connection.run(`CREATE TABLE vectors (${definitions.join(", ")})`);
    await appendRows(connection, columns, table.ids.length);
    await connection.run(`COPY vectors TO ${literal(path)} (FORMAT parquet, COMPRESSION zstd)`);
  });
}

async function appendRows(connection: DuckDBConnection, columns: readonly Column[], rows: number): Promise<void> {
  const appender = await connection.createAppender("vectors");
  for (let start = 0; start < rows; start += CHUNK_ROWS) {
    const count = Math.min(CHUNK_ROWS, rows - start);
    const types = columns.map(({ type }) => type);
    const chunk = DuckDBDataChunk.create(types, count);
    for (const [c, { at }] of columns.entries()) {
      chunk.setColumnValues(
        c,
        Array.from({ length: count }, (_, i) => at(start + i)),
      );
    }
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
}

function columnsOf({ ids, vectors, extra = {} }: VectorTable): Column[] {
  return [
    { name: "id", type: VARCHAR, at: (row) => ids[row] },
    ...Object.entries(extra).map(
      ([name, values]): Column => ({ name, type: typeOf(values), at: (row) => values[row] }),
    ),
    { name: "vector", type: LIST(FLOAT), at: (row) => listValue(Array.from(rowOf(vectors, row))) },
  ];
}

function typeOf(column: ExtraColumn): DuckDBType {
  if (column instanceof Float32Array) return FLOAT;
  return column instanceof Uint32Array ? UINTEGER : VARCHAR;
}
