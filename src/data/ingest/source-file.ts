/**
 * One input file before it is read: it exists, is not empty, and its format is known from its name and first bytes.
 */
import { createReadStream } from "node:fs";
import { open, readdir, stat } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import type { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { TailrecError } from "../../errors.ts";
import { nearestName } from "../../options.ts";
import type { FileFormat } from "./ingest-options.ts";

export interface SourceFile {
  /** Absolute. */
  readonly path: string;
  /** The path's last part, for progress lines. */
  readonly name: string;
  readonly format: Exclude<FileFormat, "auto">;
  readonly gzip: boolean;
  /** Bytes on disk. */
  readonly size: number;
}

/**
 * Under "auto", `otherwise` is the format of a file whose name and first bytes tell none. Throws FILE_NOT_FOUND, EMPTY_INPUT, or
 * UNREADABLE_INPUT for a format that cannot be told or is not text in UTF-8.
 */
export async function openSource(
  path: string,
  format: FileFormat,
  folder = ".",
  otherwise: FileFormat = "auto",
): Promise<SourceFile> {
  const absolute = resolve(folder, path);
  const size = await sizeOf(absolute);
  if (size === 0) throw new TailrecError("EMPTY_INPUT", `${absolute} is empty (0 bytes); expected a header and rows`);
  const head = await firstBytes(absolute);
  const gzip = head[0] === 0x1f && head[1] === 0x8b;
  const found = format === "auto" ? formatOf(absolute, head, otherwise) : format;
  if (!gzip && found !== "parquet") refuseUtf16(absolute, head);
  return { path: absolute, name: basename(absolute), format: found, gzip, size };
}

/** The file's bytes, decompressed; a truncated or damaged gzip is UNREADABLE_INPUT. `onRead` is told the bytes read from disk so far. */
export async function* readBytes(source: SourceFile, onRead: (bytes: number) => void): AsyncGenerator<Buffer> {
  const file = createReadStream(source.path, { highWaterMark: 1 << 20 });
  const gunzip = source.gzip ? createGunzip({ chunkSize: 1 << 20 }) : undefined;
  // `pipe` does not pass errors on; the reader of the decompressed side must see them.
  if (gunzip !== undefined) file.on("error", (error) => gunzip.destroy(error)).pipe(gunzip);
  const stream: Readable = gunzip ?? file;
  try {
    for await (const chunk of stream) {
      onRead(file.bytesRead);
      yield chunk;
    }
  } catch (cause) {
    if (cause instanceof TailrecError) throw cause;
    const what = source.gzip ? "is a truncated or damaged gzip file" : "could not be read";
    const remedy = "copy or export it again";
    throw new TailrecError("UNREADABLE_INPUT", `${source.path} ${what} (${messageOf(cause)}); ${remedy}`, { cause });
  } finally {
    file.destroy();
    gunzip?.destroy();
  }
}

export function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

async function sizeOf(path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile()) return found.size;
  if (found !== undefined) throw new TailrecError("FILE_NOT_FOUND", `${path} is a folder; expected a file`);
  const names = await readdir(dirname(path)).catch(() => undefined);
  if (names === undefined) {
    throw new TailrecError("FILE_NOT_FOUND", `${path} does not exist, nor does its folder; check the path`);
  }
  const near = nearestName(basename(path), names);
  const remedy = near === undefined ? "check the path" : `did you mean "${near}"?`;
  throw new TailrecError("FILE_NOT_FOUND", `${path} does not exist; ${remedy}`);
}

async function firstBytes(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(16), 0, 16, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

const FORMAT_BY_ENDING = {
  csv: "csv",
  tsv: "tsv",
  tab: "tsv",
  jsonl: "jsonl",
  ndjson: "jsonl",
  json: "jsonl",
  parquet: "parquet",
  pq: "parquet",
} as const;

function formatOf(path: string, head: Buffer, otherwise: FileFormat): SourceFile["format"] {
  if (head.subarray(0, 4).toString("latin1") === "PAR1") return "parquet";
  const name = basename(path).toLowerCase().replace(/\.gz$/, "");
  const ending = name.slice(name.lastIndexOf(".") + 1);
  for (const [known, format] of Object.entries(FORMAT_BY_ENDING)) if (ending === known) return format;
  if (otherwise !== "auto") return otherwise;
  const endings = Object.keys(FORMAT_BY_ENDING).join(", ");
  throw new TailrecError(
    "UNREADABLE_INPUT",
    `${path}: the format cannot be told from the name (expected one of ${endings}, with or without .gz); set "format"`,
  );
}

function refuseUtf16(path: string, head: Buffer): void {
  const mark = head.subarray(0, 2).toString("hex");
  if (mark !== "fffe" && mark !== "feff") return;
  throw new TailrecError("UNREADABLE_INPUT", `${path} is UTF-16; save it as UTF-8`);
}
