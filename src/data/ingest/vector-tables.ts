/**
 * Parquet files of texts and vectors, as tailrec, Spark and others write them: a file, or all that lie below a folder. Vectors are
 * lists of numbers of any width; what a list lacks is NaN.
 */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { TailrecError } from "../../errors.ts";
import { messageOf, readError } from "../../file-errors.ts";
import { globLiteral, identifier, readColumns, readNumbers, withDatabase } from "./tables/database.ts";

export interface VectorColumns {
  readonly texts: readonly string[];
  readonly vectors: readonly string[];
  /** Lists of whole numbers, which float32 would not keep. */
  readonly integers?: readonly string[];
}

/** The rows of one file. */
export interface VectorRows {
  readonly file: string;
  readonly rows: number;
  /** By column; null where a cell is missing. */
  readonly texts: Readonly<Record<string, readonly (string | null)[]>>;
  readonly vectors: Readonly<Record<string, RaggedRows>>;
  readonly integers: Readonly<Record<string, RaggedRows<Int32Array>>>;
}

/** Lists side by side: row i owns `values` from `offsets[i]` to `offsets[i + 1]`. */
export interface RaggedRows<V extends Float32Array | Int32Array = Float32Array> {
  readonly offsets: Float64Array;
  readonly values: V;
  /** 1 where the list is missing altogether. */
  readonly missing: Uint8Array;
}

/** The Parquet files at a path or below it, in the order of their names; none where nothing is there. Hidden ones and `_SUCCESS` are none. */
export async function parquetFilesAt(path: string): Promise<string[]> {
  const entry = await stat(path).catch(() => undefined);
  if (entry === undefined) return [];
  if (!entry.isDirectory()) return [path];
  const names = await readdir(path, { recursive: true });
  const isData = (name: string) => name.endsWith(".parquet") && !/(^|[\\/])[._]/.test(name);
  return names
    .filter(isData)
    .sort()
    .map((name) => join(path, name));
}

/** File by file, so that no more than one is in memory. UNKNOWN_COLUMN, and UNREADABLE_INPUT for what is no such file. */
export async function* readVectorTables(paths: readonly string[], columns: VectorColumns): AsyncGenerator<VectorRows> {
  for (const path of paths) {
    yield await withDatabase((connection) => readFileRows(connection, path, columns));
  }
}

/** A row's list, no copy; null where it is missing. */
export function listAt<V extends Float32Array | Int32Array>(
  { offsets, values, missing }: RaggedRows<V>,
  row: number,
): V | null {
  return missing[row] === 1 ? null : (values.subarray(offsets[row], offsets[row + 1]) as V);
}

/** The columns of a file, in its order. UNREADABLE_INPUT for what is no such file. */
export function columnNames(file: string): Promise<readonly string[]> {
  return withDatabase((connection) => readColumnNames(connection, file));
}

async function readColumnNames(connection: DuckDBConnection, file: string): Promise<readonly string[]> {
  const [names] = await ofParquet(file, () =>
    readColumns(connection, `SELECT column_name FROM (DESCRIBE FROM ${readerOf(file)})`),
  );
  return names.map(String);
}

const readerOf = (file: string): string => `read_parquet(${globLiteral(file)})`;

/** What a query gives. UNREADABLE_INPUT where the file is none of Parquet. */
function ofParquet<T>(file: string, query: () => Promise<T>): Promise<T> {
  return query().catch((cause: unknown) => {
    if (cause instanceof TailrecError) throw cause;
    throw new TailrecError("UNREADABLE_INPUT", `${file}: expected a Parquet file (${messageOf(cause)})`, { cause });
  });
}

async function readFileRows(connection: DuckDBConnection, file: string, columns: VectorColumns): Promise<VectorRows> {
  const reader = readerOf(file);
  const query = <T>(run: () => Promise<T>): Promise<T> => ofParquet(file, run);
  const names = await readColumnNames(connection, file);
  requireColumns(file, names, [...columns.texts, ...columns.vectors, ...(columns.integers ?? [])]);
  const texts: Record<string, readonly (string | null)[]> = {};
  for (const name of columns.texts) {
    const [cells] = await query(() => readColumns(connection, `SELECT ${identifier(name)}::VARCHAR FROM ${reader}`));
    texts[name] = cells.map((cell) => (cell === null ? null : String(cell)));
  }
  const vectors: Record<string, RaggedRows> = {};
  for (const name of columns.vectors) vectors[name] = await query(() => readVectors(connection, reader, name));
  const integers: Record<string, RaggedRows<Int32Array>> = {};
  for (const name of columns.integers ?? []) {
    const { numbers, ...rows } = await query(() => readLists(connection, reader, name, "INTEGER", "0"));
    integers[name] = { ...rows, values: Int32Array.from(numbers) };
  }
  const rows = Object.values(texts)[0]?.length ?? Object.values(vectors)[0]?.missing.length ?? 0;
  return { file, rows, texts, vectors, integers };
}

async function readVectors(connection: DuckDBConnection, reader: string, name: string): Promise<RaggedRows> {
  const { numbers, ...rows } = await readLists(connection, reader, name, "FLOAT", "'nan'::FLOAT");
  return { ...rows, values: new Float32Array(numbers) };
}

/** `absent` stands for what a list lacks. */
async function readLists(
  connection: DuckDBConnection,
  reader: string,
  name: string,
  type: string,
  absent: string,
): Promise<Pick<RaggedRows, "offsets" | "missing"> & { readonly numbers: ArrayLike<number> }> {
  const list = `${identifier(name)}::${type}[]`;
  const [lengths] = await readNumbers(connection, `SELECT coalesce(len(${list}), -1)::DOUBLE FROM ${reader}`);
  const [numbers] = await readNumbers(
    connection,
    `SELECT coalesce(number, ${absent}) FROM (SELECT unnest(${list}) AS number FROM ${reader})`,
  );
  const offsets = new Float64Array(lengths.length + 1);
  for (const [row, length] of lengths.entries()) offsets[row + 1] = offsets[row] + Math.max(0, length);
  const missing = Uint8Array.from(lengths, (length) => (length < 0 ? 1 : 0));
  return { offsets, missing, numbers };
}

function requireColumns(file: string, names: readonly string[], wanted: readonly string[]): void {
  const missing = wanted.find((name) => !names.includes(name));
  if (missing === undefined) return;
  throw new TailrecError("UNKNOWN_COLUMN", `${file}: expected a column "${missing}", it has ${names.join(", ")}`);
}

/** FILE_NOT_FOUND where no Parquet file is at the path. */
export async function requireParquetFiles(path: string): Promise<string[]> {
  const files = await parquetFilesAt(path);
  if (files.length > 0) return files;
  await stat(path).catch((cause: unknown) => {
    throw readError(path, cause);
  });
  throw new TailrecError("FILE_NOT_FOUND", `${path} holds no Parquet file; expected some that end in .parquet`);
}
