/** Tables as Parquet, through DuckDB, part by part: what is written need never be in memory as a whole. */
import {
  DOUBLE,
  type DuckDBConnection,
  DuckDBDataChunk,
  type DuckDBType,
  type DuckDBValue,
  FLOAT,
  INTEGER,
  LIST,
  listValue,
  UINTEGER,
  VARCHAR,
} from "@duckdb/node-api";
import { identifier, literal, withDatabase } from "../ingest/tables/database.ts";

const TYPES = {
  text: VARCHAR,
  count: UINTEGER,
  integer: INTEGER,
  float: FLOAT,
  double: DOUBLE,
  vector: LIST(FLOAT),
  integers: LIST(INTEGER),
} satisfies Record<string, DuckDBType>;

export interface ParquetColumn {
  readonly name: string;
  readonly type: keyof typeof TYPES;
}

/** Consecutive rows of a table: `cells[c](row)` is the value of column c. */
export interface ParquetPart {
  readonly rows: number;
  readonly cells: readonly ((row: number) => DuckDBValue)[];
}

/** A cell of a column of vectors; null where there is none. */
export function vectorCell(vector: Float32Array | null): DuckDBValue {
  return vector === null ? null : listValue(Array.from(vector));
}

/** A cell of a column of integers. */
export function integersCell(integers: ArrayLike<number>): DuckDBValue {
  return listValue(Array.from(integers));
}

/** Rows of a DuckDB data chunk. Whole chunks: 20 times as fast as its appender value by value. */
const CHUNK_ROWS = 2048;

/** How much is in memory at a time. */
export interface ParquetBounds {
  /** Beyond it, rows wait on the disk beside the file. */
  readonly memory: string;
  /** Rows that are compressed together, in memory as they are. */
  readonly groupRows: number;
}

const WIDE: ParquetBounds = { memory: "1GB", groupRows: 122_880 };

/** Writes the file at `path`; until it is whole, rows that memory cannot hold lie in `<path>.rows`, which goes with its folder. */
export async function fillParquetFile(
  path: string,
  columns: readonly ParquetColumn[],
  parts: Iterable<ParquetPart> | AsyncIterable<ParquetPart>,
  { memory, groupRows }: ParquetBounds = WIDE,
): Promise<void> {
  await withDatabase(async (connection) => {
    await connection.run(`SET temp_directory = ${literal(`${path}.rows`)}`);
    await connection.run(`SET memory_limit = '${memory}'`);
    const definitions = columns.map(({ name, type }) => `${identifier(name)} ${TYPES[type]}`);
    await connection.run(`CREATE TABLE rows (${definitions.join(", ")})`);
    for await (const part of parts) await appendPart(connection, columns, part);
    await connection.run(
      `COPY rows TO ${literal(path)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${groupRows})`,
    );
  });
}

async function appendPart(
  connection: DuckDBConnection,
  columns: readonly ParquetColumn[],
  { rows, cells }: ParquetPart,
): Promise<void> {
  const appender = await connection.createAppender("rows");
  const types = columns.map(({ type }) => TYPES[type]);
  for (let start = 0; start < rows; start += CHUNK_ROWS) {
    const count = Math.min(CHUNK_ROWS, rows - start);
    const chunk = DuckDBDataChunk.create(types, count);
    for (const [c, cell] of cells.entries()) {
      chunk.setColumnValues(
        c,
        Array.from({ length: count }, (_, i) => cell(start + i)),
      );
    }
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
}
