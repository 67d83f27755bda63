/**
 * Vectors by item id as files for other tools, in the format that the extension names: `.npy` and `.safetensors` (ids and
 * further columns in `NAME.ids.json` beside, an object of lists), `.parquet` and `.jsonl` (all in one file). Whole or not at all.
 */
import { createWriteStream } from "node:fs";
import { extname } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { TailrecError } from "../../errors.ts";
import { rowOf } from "../../math/matrix.ts";
import { type FileContent, writeTogether } from "./atomic-write.ts";
import { type FileParts, writeParts } from "./file-parts.ts";
import { npyParts } from "./npy.ts";
import { safetensorsParts, tensorOf } from "./safetensors.ts";
import { fillParquet } from "./vector-parquet.ts";
import { type ExtraColumn, requireTable, type VectorTable } from "./vector-table.ts";

/** The files of a table at a path. */
type Files = (path: string, table: VectorTable) => FileContent[];

const FORMATS: Readonly<Record<string, Files>> = {
  ".npy": (path, table) => [writtenAs(path, () => npyParts(table.vectors)), idsBeside(path, table)],
  ".safetensors": (path, table) => [
    writtenAs(path, () => safetensorsParts({ vectors: tensorOf(table.vectors) })),
    idsBeside(path, table),
  ],
  ".parquet": (path, table) => [[path, (temporary) => fillParquet(temporary, table)]],
  ".jsonl": (path, table) => [
    [path, (temporary) => pipeline(Readable.from(jsonLines(table)), createWriteStream(temporary))],
  ],
};

function writtenAs(path: string, parts: () => FileParts): FileContent {
  return [path, async (temporary) => void (await writeParts(temporary, parts()))];
}

/** Every file that `writeVectors` makes for the path. INVALID_ARGUMENT when no format has its extension. */
export function vectorPaths(path: string): string[] {
  formatOf(path);
  return hasIdsBeside(path) ? [path, idsPath(path)] : [path];
}

/** The table as files, to be written together with others. INVALID_ARGUMENT: unknown extension, lengths that differ, not finite. */
export function vectorFiles(path: string, table: VectorTable): FileContent[] {
  const files = formatOf(path);
  requireTable(table);
  return files(path, table);
}

/** Writes the table to `path`. Throws as `vectorFiles` does, and OUTPUT_FAILED. */
export async function writeVectors(path: string, table: VectorTable): Promise<void> {
  await writeTogether(vectorFiles(path, table));
}

/** What a `.jsonl` file of the table holds, some lines at a time. INVALID_ARGUMENT: lengths that differ, not finite. */
export function vectorLines(table: VectorTable): Iterable<string> {
  requireTable(table);
  return jsonLines(table);
}

/** Where the ids of `vectors.npy` go: `vectors.ids.json`. */
export function idsPath(path: string): string {
  return `${path.slice(0, path.length - extname(path).length)}.ids.json`;
}

function hasIdsBeside(path: string): boolean {
  return [".npy", ".safetensors"].includes(extname(path).toLowerCase());
}

function formatOf(path: string): Files {
  const files = FORMATS[extname(path).toLowerCase()];
  if (files !== undefined) return files;
  const known = Object.keys(FORMATS).join(", ");
  throw new TailrecError("INVALID_ARGUMENT", `expected a vector file that ends in one of ${known}, received ${path}`);
}

function idsBeside(path: string, { ids, extra = {} }: VectorTable): [string, string] {
  const lists = Object.entries(extra).map(([name, column]) => [name, jsonValues(column)]);
  return [idsPath(path), `${JSON.stringify({ ids, ...Object.fromEntries(lists) })}\n`];
}

const LINES_A_CHUNK = 256;

function* jsonLines({ ids, vectors, extra = {} }: VectorTable): Generator<string> {
  const columns = Object.entries(extra).map(([name, column]) => [name, jsonValues(column)] as const);
  let chunk = "";
  for (const [row, id] of ids.entries()) {
    const values = columns.map(([name, list]) => [name, list[row]]);
    const vector = Array.from(rowOf(vectors, row), shortest);
    chunk += `${JSON.stringify({ id, ...Object.fromEntries(values), vector })}\n`;
    if (row % LINES_A_CHUNK !== LINES_A_CHUNK - 1) continue;
    yield chunk;
    chunk = "";
  }
  yield chunk;
}

/** JSON has no NaN: null. */
function jsonValues(column: ExtraColumn): readonly (string | number | null)[] {
  if (!(column instanceof Float32Array)) return Array.from<string | number>(column);
  return Array.from(column, (value) => (Number.isFinite(value) ? shortest(value) : null));
}

/** A short decimal that reads back as the same float32: 0.1, not 0.10000000149011612. Nine digits always do. */
function shortest(value: number): number {
  for (let digits = 7; digits < 9; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === value) return rounded;
  }
  return Number(value.toPrecision(9));
}
