/**
 * Where the parts of an encoding meet: a folder of Parquet files with a row an item (id, input, a vector a block, failures). Its name
 * is a digest of the encoders, so that vectors of others never mix in. Shards write it, and Spark does alike.
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { fillFileAtomic } from "../data/files/atomic-write.ts";
import { fillParquetFile, type ParquetPart, vectorCell } from "../data/files/parquet-file.ts";
import { listAt, parquetFilesAt, readVectorTables, type VectorRows } from "../data/ingest/vector-tables.ts";
import { type EncodedRow, failuresIn, failuresText } from "./encoded-rows.ts";
import type { Shard } from "./shard.ts";

/** A block and whose vectors it holds. */
export interface EncodedPartBlock {
  readonly name: string;
  readonly encoder: string;
  readonly digest: string;
  readonly dimension: number;
}

const [ID, INPUT, FAILURES] = ["id", "input", "quarantine"];

/** The folder of all parts by these encoders. */
export function encodedFolder(stageFolder: string, blocks: readonly EncodedPartBlock[]): string {
  const digests = blocks.map(({ name, digest }) => [name, digest]);
  const address = createHash("sha256").update(JSON.stringify(digests)).digest("hex").slice(0, 16);
  return join(stageFolder, "encoded", address);
}

export function partPath(folder: string, { number, of }: Shard): string {
  const digits = (value: number) => String(value).padStart(6, "0");
  return join(folder, `part-${digits(number)}-of-${digits(of)}.parquet`);
}

/** Writes the part whole, or not at all. OUTPUT_FAILED. */
export async function writeEncodedPart(
  path: string,
  blocks: readonly EncodedPartBlock[],
  rows: AsyncIterable<readonly EncodedRow[]>,
): Promise<void> {
  const columns = [
    { name: ID, type: "text" as const },
    { name: INPUT, type: "text" as const },
    ...blocks.map(({ name }) => ({ name, type: "vector" as const })),
    { name: FAILURES, type: "text" as const },
  ];
  await fillFileAtomic(path, (temporary) => fillParquetFile(temporary, columns, partsOf(blocks, rows)));
}

async function* partsOf(
  blocks: readonly EncodedPartBlock[],
  rows: AsyncIterable<readonly EncodedRow[]>,
): AsyncGenerator<ParquetPart> {
  for await (const some of rows) {
    yield {
      rows: some.length,
      cells: [
        (row) => some[row].id,
        (row) => some[row].input,
        ...blocks.map(
          ({ name }) =>
            (row: number) =>
              vectorCell(some[row].vectors[name]),
        ),
        (row) => failuresText(some[row].failures),
      ],
    };
  }
}

/** The rows of one part, or of every part in a folder, file by file. A row that is no whole one is left out: its item is not encoded. */
export async function* readEncodedParts(
  path: string,
  blocks: readonly EncodedPartBlock[],
): AsyncGenerator<readonly EncodedRow[]> {
  const columns = { texts: [ID, INPUT, FAILURES], vectors: blocks.map(({ name }) => name) };
  for await (const rows of readVectorTables(await parquetFilesAt(path), columns)) {
    yield Array.from({ length: rows.rows }, (_, row) => rowIn(rows, row, blocks)).filter((row) => row !== undefined);
  }
}

function rowIn(
  { texts, vectors }: VectorRows,
  row: number,
  blocks: readonly EncodedPartBlock[],
): EncodedRow | undefined {
  const [id, input, failures] = [texts[ID][row], texts[INPUT][row], failuresIn(texts[FAILURES][row])];
  if (id === null || input === null || failures === undefined) return undefined;
  const own = blocks.map(({ name, dimension }) => ({ name, dimension, vector: listAt(vectors[name], row) }));
  const isSound = own.every(({ vector, dimension }) => vector === null || isVector(vector, dimension));
  if (!isSound) return undefined;
  return { id, input, failures, vectors: Object.fromEntries(own.map(({ name, vector }) => [name, vector])) };
}

function isVector(vector: Float32Array, dimension: number): boolean {
  return vector.length === dimension && vector.every(Number.isFinite);
}
