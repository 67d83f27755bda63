/** The good records of a text file in a temporary file, a line end behind each: what DuckDB reads where it cannot read the file itself. */
import { open } from "node:fs/promises";
import type { TextRecord } from "../text/text-record.ts";
import type { ScratchFolder } from "./scratch-folder.ts";
import { scratchFailed } from "./scratch-folder.ts";

export interface RecordCopy {
  readonly path: string;
  /** Records of one batch, in their order. */
  write(bytes: Buffer, records: readonly TextRecord[]): Promise<void>;
  close(): Promise<void>;
}

const NEWLINE = 10;
const LINE_END = Buffer.from("\n");

/** OUTPUT_FAILED, here and while writing, where the temporary folder will not take it. */
export async function openRecordCopy(scratch: ScratchFolder): Promise<RecordCopy> {
  const path = await scratch.file();
  const fail = (cause: unknown): never => {
    throw scratchFailed(path, cause);
  };
  const file = await open(path, "wx").catch(fail);
  return {
    path,
    write: (bytes, records) => file.writeFile(Buffer.concat(pieces(bytes, records))).catch(fail),
    close: () => file.close(),
  };
}

/** Neighbours that a line end parts already are copied as one. */
function pieces(bytes: Buffer, records: readonly TextRecord[]): Buffer[] {
  const found: Buffer[] = [];
  for (let i = 0; i < records.length; i++) {
    const { start } = records[i];
    while (isFollowed(bytes, records[i], records[i + 1])) i++;
    found.push(bytes.subarray(start, records[i].end), LINE_END);
  }
  return found;
}

function isFollowed(bytes: Buffer, { end, next }: TextRecord, following: TextRecord | undefined): boolean {
  return following?.start === next && next === end + 1 && bytes[end] === NEWLINE;
}
