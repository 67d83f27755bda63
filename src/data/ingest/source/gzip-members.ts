/**
 * Gzip as leniently as `gzip -d` reads it: members one behind the other, and what follows the last of them is left unread (RFC 1952).
 * Node's own reader takes that for a damaged member and drops what it had decompressed; this one, slower, goes member by member.
 */
import { createReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { crc32, createInflateRaw } from "node:zlib";

/** Decompressed bytes. */
export interface Unzipped {
  readonly bytes: Buffer;
  /** Bytes of the file that were read so far. */
  readonly read: number;
}

/** Throws an Error for a damaged or truncated member. */
export async function* inflateMembers(path: string): AsyncGenerator<Unzipped> {
  const file = await open(path);
  try {
    let offset = 0;
    for (let data = await dataOffset(file, 0); data !== null; data = await dataOffset(file, offset)) {
      offset = yield* inflateMember(path, file, data);
    }
  } finally {
    await file.close();
  }
}

/** Whether the file goes on with something else than zeros, which archives are padded with. */
export async function hasTrailingData(path: string, offset: number): Promise<boolean> {
  for await (const chunk of createReadStream(path, { start: offset })) {
    if ((chunk as Buffer).some((byte) => byte !== 0)) return true;
  }
  return false;
}

async function* inflateMember(path: string, file: FileHandle, start: number): AsyncGenerator<Unzipped, number> {
  const compressed = createReadStream(path, { start });
  const inflate = createInflateRaw({ chunkSize: 1 << 20 });
  compressed.on("error", (error) => inflate.destroy(error)).pipe(inflate);
  let checksum = 0;
  let length = 0;
  try {
    for await (const chunk of inflate) {
      checksum = crc32(chunk, checksum);
      length += chunk.length;
      yield { bytes: chunk, read: start + inflate.bytesWritten };
    }
  } finally {
    compressed.destroy();
    inflate.destroy();
  }
  const end = start + inflate.bytesWritten;
  const trailer = await bytesAt(file, end, 8);
  if (trailer.length < 8) throw new Error("unexpected end of file");
  if (trailer.readUInt32LE(0) !== checksum) throw new Error("incorrect data check");
  if (trailer.readUInt32LE(4) !== length % 2 ** 32) throw new Error("incorrect length check");
  return end + 8;
}

const EXTRA_FIELD = 4;
const NAME = 8;
const COMMENT = 16;
const HEADER_CHECKSUM = 2;

/** Where the compressed data of the member at `offset` begins; null where no member does. */
async function dataOffset(file: FileHandle, offset: number): Promise<number | null> {
  const header = await bytesAt(file, offset, 10);
  if (header[0] !== 0x1f || header[1] !== 0x8b || header.length < 10) return null;
  const flags = header[3];
  let place = offset + 10;
  if (flags & EXTRA_FIELD) place += 2 + (await bytesAt(file, place, 2)).readUInt16LE(0);
  for (const part of [NAME, COMMENT]) if (flags & part) place = await endOfText(file, place);
  return flags & HEADER_CHECKSUM ? place + 2 : place;
}

async function endOfText(file: FileHandle, start: number): Promise<number> {
  for (let place = start; ; ) {
    const piece = await bytesAt(file, place, 4096);
    const end = piece.indexOf(0);
    if (end >= 0) return place + end + 1;
    if (piece.length === 0) throw new Error("unexpected end of file");
    place += piece.length;
  }
}

async function bytesAt(file: FileHandle, offset: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, offset);
  return buffer.subarray(0, bytesRead);
}
