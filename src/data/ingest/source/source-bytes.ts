/**
 * The bytes of one file, decompressed where they are gzip: the one reader of gzip, so that what is scanned is what is loaded. A file
 * that unfolds without measure is refused before it fills memory and disk.
 */
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { createGunzip } from "node:zlib";
import { TailrecError } from "../../../errors.ts";
import { messageOf, readError } from "../../../file-errors.ts";
import { hasTrailingData, inflateMembers, type Unzipped } from "./gzip-members.ts";

/** Deflate reaches 1,032; tables of rows that differ stay far below. */
const LARGEST_EXPANSION = 100;
/** Less is never a danger. */
const HARMLESS_BYTES = 1 << 24;
const CHUNK = 1 << 20;

export interface ByteWatcher {
  /** What messages call the file, where it is a copy. */
  readonly label?: string;
  /** Told the bytes read from disk so far. */
  readonly onRead?: (bytes: number) => void;
  /** Told once what is worth knowing of the file. */
  readonly onNote?: (note: string) => void;
}

/** Throws UNREADABLE_INPUT for a truncated or damaged gzip and for one that unfolds without measure; else as `readError` says. */
export async function* readBytes(path: string, watcher: ByteWatcher = {}): AsyncGenerator<Buffer> {
  if (await isGzip(path)) yield* limited(watcher.label ?? path, unzipped(path, watcher));
  else yield* plainBytes(path, watcher);
}

export async function isGzip(path: string): Promise<boolean> {
  const [a, b] = await firstBytes(path, 2);
  return a === 0x1f && b === 0x8b;
}

/** The first bytes as they lie on disk. */
export async function firstBytes(path: string, count: number): Promise<Buffer> {
  try {
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(count), 0, count, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw readError(path, cause);
  }
}

/** The first bytes, decompressed: at most 64 KiB. */
export async function readHead(path: string, label = path): Promise<Buffer> {
  let head: Buffer = Buffer.alloc(0);
  for await (const chunk of readBytes(path, { label })) {
    head = Buffer.concat([head, chunk]);
    if (head.length >= 1 << 16) break;
  }
  return head.subarray(0, 1 << 16);
}

async function* plainBytes(path: string, { label = path, onRead }: ByteWatcher): AsyncGenerator<Buffer> {
  const file = createReadStream(path, { highWaterMark: CHUNK });
  try {
    for await (const chunk of file) {
      onRead?.(file.bytesRead);
      yield chunk;
    }
  } catch (cause) {
    throw readError(label, cause);
  } finally {
    file.destroy();
  }
}

async function* unzipped(path: string, watcher: ByteWatcher): AsyncGenerator<Unzipped> {
  let given = 0;
  try {
    for await (const piece of gunzip(path, watcher)) {
      given += piece.bytes.length;
      yield piece;
    }
  } catch (cause) {
    if (!(cause instanceof Error) || cause.message !== "incorrect header check") {
      throw damaged(watcher.label ?? path, cause);
    }
    yield* unzippedByMember(path, given, watcher);
  }
}

async function* gunzip(path: string, { onRead, onNote }: ByteWatcher): AsyncGenerator<Unzipped> {
  const file = createReadStream(path, { highWaterMark: CHUNK });
  const stream = createGunzip({ chunkSize: CHUNK });
  // `pipe` does not pass errors on; the reader of the decompressed side must see them.
  file.on("error", (error) => stream.destroy(error)).pipe(stream);
  try {
    for await (const bytes of stream) {
      onRead?.(file.bytesRead);
      yield { bytes, read: file.bytesRead };
    }
    if (await hasTrailingData(path, stream.bytesWritten)) onNote?.(TRAILING);
  } finally {
    file.destroy();
    stream.destroy();
  }
}

const TRAILING = "what follows the end of its gzip data was left unread";

/** All but the first `skipped` bytes, which have been given already. */
async function* unzippedByMember(
  path: string,
  skipped: number,
  { label = path, onNote }: ByteWatcher,
): AsyncGenerator<Unzipped> {
  let place = 0;
  try {
    for await (const { bytes, read } of inflateMembers(path)) {
      place += bytes.length;
      if (place > skipped) yield { bytes: bytes.subarray(Math.max(0, bytes.length - (place - skipped))), read };
    }
  } catch (cause) {
    throw damaged(label, cause);
  }
  onNote?.(TRAILING);
}

async function* limited(path: string, pieces: AsyncIterable<Unzipped>): AsyncGenerator<Buffer> {
  let given = 0;
  for await (const { bytes, read } of pieces) {
    given += bytes.length;
    if (given > HARMLESS_BYTES && given > LARGEST_EXPANSION * read) throw unfolding(path);
    yield bytes;
  }
}

function unfolding(path: string): TailrecError {
  const message = `${path} unfolds to more than ${LARGEST_EXPANSION} times its size, as no table of rows does; if it is right, decompress it first (gzip -d)`;
  return new TailrecError("UNREADABLE_INPUT", message);
}

function damaged(path: string, cause: unknown): TailrecError {
  if (cause instanceof TailrecError) return cause;
  if (cause instanceof Error && "syscall" in cause) return readError(path, cause);
  const message = `${path} is a truncated or damaged gzip file (${messageOf(cause)}); copy or export it again`;
  return new TailrecError("UNREADABLE_INPUT", message, { cause });
}
