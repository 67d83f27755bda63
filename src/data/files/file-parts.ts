/**
 * Files of any size, part by part. What is written is never whole in memory beside what it is made of. No call is given more than Node
 * takes at once, which is below 2^31 bytes for a read and for a digest.
 */
import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";

/** Consecutive parts of a file; text is UTF-8. */
export type FileParts = Iterable<Uint8Array | string>;

export interface WrittenFile {
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

/** Bytes in one call. */
const PIECE = 2 ** 26;

/** Writes the file and says what it came to. */
export async function writeParts(path: string, parts: FileParts): Promise<WrittenFile> {
  const hash = createHash("sha256");
  const file = await open(path, "w");
  let bytes = 0;
  try {
    for (const part of parts) {
      for (const piece of piecesOf(typeof part === "string" ? Buffer.from(part) : part)) {
        hash.update(piece);
        await writeAll(file, piece);
        bytes += piece.length;
      }
    }
  } finally {
    await file.close();
  }
  return { bytes, sha256: hash.digest("hex") };
}

/** The whole file, at the beginning of memory of its own. */
export function readWhole(path: string): Promise<Buffer> {
  return readInto(path, (size) => Buffer.allocUnsafeSlow(size));
}

/** The whole file, in memory that `room` gives. */
export async function readInto<A extends Uint8Array>(path: string, room: (bytes: number) => A): Promise<A> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    const bytes = room(size);
    let end = 0;
    while (end < size) {
      const { bytesRead } = await file.read(bytes, end, Math.min(PIECE, size - end), end);
      if (bytesRead === 0) break;
      end += bytesRead;
    }
    return bytes.subarray(0, end) as A;
  } finally {
    await file.close();
  }
}

/** Length and digest of bytes in memory. */
export function describeBytes(bytes: Uint8Array): WrittenFile {
  const hash = createHash("sha256");
  for (const piece of piecesOf(bytes)) hash.update(piece);
  return { bytes: bytes.length, sha256: hash.digest("hex") };
}

function* piecesOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let begin = 0; begin < bytes.length; begin += PIECE) yield bytes.subarray(begin, begin + PIECE);
}

async function writeAll(file: FileHandle, piece: Uint8Array): Promise<void> {
  let begin = 0;
  while (begin < piece.length) {
    const { bytesWritten } = await file.write(piece, begin);
    begin += bytesWritten;
  }
}
