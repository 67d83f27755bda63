/** A file that stays on the disk and is read where something of it is asked for. What was open stays readable when others take its name. */

import { createHash } from "node:crypto";
import { closeSync, fstatSync, openSync, read, readSync } from "node:fs";
import { promisify } from "node:util";
import { TailrecError } from "../../errors.ts";
import type { WrittenFile } from "./file-parts.ts";

export interface StoredFile {
  /** Bytes. */
  readonly size: number;
  /** UNREADABLE_INPUT where the file ends before. */
  read(offset: number, length: number): Uint8Array;
  /** Fills the bytes by what is at the offset. Likewise. */
  readInto(bytes: Uint8Array, offset: number): void;
  /** Length and digest, read piece by piece. */
  describe(): Promise<WrittenFile>;
}

const PIECE = 2 ** 20;

/** Node reads less than 2^31 bytes in one call. */
const MOST_AT_ONCE = 2 ** 26;

/** Nobody closes it: the descriptor goes when the last holder of the file has gone. */
const closing = new FinalizationRegistry((descriptor: number) => closeSync(descriptor));

/** Throws what opening throws. */
export function openStored(path: string): StoredFile {
  const descriptor = openSync(path, "r");
  const { size } = fstatSync(descriptor);
  const file: StoredFile = {
    size,
    read: (offset, length) => {
      const bytes = new Uint8Array(length);
      file.readInto(bytes, offset);
      return bytes;
    },
    readInto: (bytes, offset) => {
      const { length } = bytes;
      let end = 0;
      while (end < length) {
        const count = readSync(descriptor, bytes, end, Math.min(MOST_AT_ONCE, length - end), offset + end);
        if (count === 0)
          throw new TailrecError("UNREADABLE_INPUT", `${path}: ends at byte ${offset + end}; its content was cut off`);
        end += count;
      }
    },
    describe: async () => {
      const hash = createHash("sha256");
      const piece = new Uint8Array(PIECE);
      let bytes = 0;
      for (;;) {
        const { bytesRead } = await promisify(read)(descriptor, piece, 0, PIECE, bytes);
        if (bytesRead === 0) return { bytes, sha256: hash.digest("hex") };
        hash.update(piece.subarray(0, bytesRead));
        bytes += bytesRead;
      }
    },
  };
  closing.register(file, descriptor);
  return file;
}
