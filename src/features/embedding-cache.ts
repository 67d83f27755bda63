/**
 * Vectors that need not be computed again: one append-only file an encoder digest, of fixed-size records
 *
 *   sha256 of the input (32 bytes) | vector (4 d bytes, float32) | CRC-32 of both (4 bytes)
 *
 * A record that a crash cut off, and whatever follows a damaged one, is cut away on opening and computed again.
 */
import { createHash } from "node:crypto";
import { mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { TailrecError } from "../errors.ts";
import type { EncoderInput } from "./encoder.ts";

export interface EmbeddingCache {
  get(key: string): Float32Array | undefined;
  /** Appends vectors under their keys. OUTPUT_FAILED when the file cannot be written. */
  add(entries: readonly CacheEntry[]): Promise<void>;
  close(): Promise<void>;
}

export interface CacheEntry {
  readonly key: string;
  readonly vector: Float32Array;
}

const KEY_BYTES = 32;
const CHECK_BYTES = 4;

/** The content address of an input under one encoder. */
export function inputKey(input: EncoderInput): string {
  return createHash("sha256").update(input).digest("hex");
}

/** Opens, or starts, the file of one encoder in `folder`. OUTPUT_FAILED when it cannot be opened for writing. */
export async function openEmbeddingCache(folder: string, digest: string, dimension: number): Promise<EmbeddingCache> {
  const path = join(folder, `${digest}.vectors`);
  const file = await openForAppend(folder, path);
  const bytes = await file.readFile();
  const { entries, validBytes } = readRecords(bytes, dimension);
  if (validBytes < bytes.length) await file.truncate(validBytes);
  // One append after the other: records of two must not mix.
  let last: Promise<void> = Promise.resolve();
  const append = (records: Buffer): Promise<void> => {
    last = last.then(() => file.appendFile(records)).catch((cause: unknown) => failed(path, cause));
    return last;
  };
  return {
    get: (key) => entries.get(key),
    add: async (added) => {
      await append(Buffer.concat(added.map(recordOf)));
      for (const { key, vector } of added) entries.set(key, vector);
    },
    close: () => file.close(),
  };
}

async function openForAppend(folder: string, path: string) {
  try {
    await mkdir(folder, { recursive: true });
    return await open(path, "a+");
  } catch (cause) {
    return failed(path, cause);
  }
}

function failed(path: string, cause: unknown): never {
  const reason = cause instanceof Error ? cause.message : String(cause);
  throw new TailrecError("OUTPUT_FAILED", `could not write the embedding cache ${path}: ${reason}`, { cause });
}

/** The records up to the first that is cut off or damaged. */
function readRecords(bytes: Buffer, dimension: number) {
  const size = KEY_BYTES + 4 * dimension + CHECK_BYTES;
  const entries = new Map<string, Float32Array>();
  let validBytes = 0;
  while (validBytes + size <= bytes.length) {
    const record = bytes.subarray(validBytes, validBytes + size);
    const content = record.subarray(0, size - CHECK_BYTES);
    if (crc32(content) !== record.readUInt32LE(content.length)) break;
    const vector = new Float32Array(Uint8Array.from(content.subarray(KEY_BYTES)).buffer);
    entries.set(content.toString("hex", 0, KEY_BYTES), vector);
    validBytes += size;
  }
  return { entries, validBytes };
}

function recordOf({ key, vector }: CacheEntry): Buffer {
  const values = Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength);
  const content = Buffer.concat([Buffer.from(key, "hex"), values]);
  const check = Buffer.alloc(CHECK_BYTES);
  check.writeUInt32LE(crc32(content));
  return Buffer.concat([content, check]);
}
