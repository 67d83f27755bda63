/** What an embedding cache holds, read record by record with every checksum: for its statistics, its verification and pruning. */
import { open, readdir } from "node:fs/promises";
import { TailrecError } from "../../errors.ts";
import { isDenied, readError } from "../../file-errors.ts";
import { type RunContext, throwIfInterrupted } from "../../run-context.ts";
import { type CacheDescription, readDescription, storePath } from "./embedding-cache.ts";
import { type Gap, type RecordPlace, recordSize, scanFile } from "./vector-record.ts";

export interface InspectedStore {
  readonly address: string;
  readonly path: string;
  /** Owner of the vectors; undefined when the file that says whose vectors these are is gone or damaged; then nothing can be read. */
  readonly description: CacheDescription | undefined;
  readonly bytes: number;
  /** Number of the file that was read: another stands in its place once somebody has pruned it. */
  readonly inode: number;
  /** Records in file order; a key that two processes wrote at once is there twice. */
  readonly records: readonly RecordPlace[];
  /** Where whole records must have been: flipped bytes, or a foreign file. */
  readonly damaged: readonly Gap[];
  /** Pieces shorter than a record: what a killed writer left, or a writer has not finished yet. */
  readonly unfinished: readonly Gap[];
}

/** Every store of the folder, by path. FILE_NOT_FOUND when there is no such folder, UNREADABLE_INPUT without the right to read it. */
export async function inspectCache(folder: string, context: RunContext = {}): Promise<InspectedStore[]> {
  const addresses = await storeAddresses(folder);
  const stores: InspectedStore[] = [];
  for (const [done, address] of addresses.entries()) {
    context.onProgress?.({ stage: "read cache", done, total: addresses.length });
    stores.push(await inspectStore(folder, address, context));
  }
  context.onProgress?.({ stage: "read cache", done: addresses.length, total: addresses.length });
  return stores;
}

const EXTENSION = ".vectors";

async function storeAddresses(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((cause: unknown) => {
    if (isDenied(cause)) throw readError(folder, cause);
    throw new TailrecError(
      "FILE_NOT_FOUND",
      `there is no embedding cache at ${folder}; name the folder in which runs keep theirs`,
      { cause },
    );
  });
  const stores = names.filter((name) => name.endsWith(EXTENSION)).sort();
  return stores.map((name) => name.slice(0, -EXTENSION.length));
}

async function inspectStore(folder: string, address: string, context: RunContext): Promise<InspectedStore> {
  const path = storePath(folder, address);
  const description = await readDescription(folder, address);
  const file = await open(path, "r").catch((cause: unknown) => {
    throw readError(path, cause);
  });
  try {
    const { size: bytes, ino: inode } = await file.stat();
    const found = { address, path, description, bytes, inode };
    if (description === undefined) return { ...found, records: [], damaged: [], unfinished: [] };
    const { dimension } = description;
    const records: RecordPlace[] = [];
    const gaps: Gap[] = [];
    let end = 0;
    for await (const scan of scanFile(file, dimension)) {
      throwIfInterrupted(context);
      for (const record of scan.records) records.push(record);
      gaps.push(...scan.gaps);
      end = scan.end;
    }
    if (end < bytes) gaps.push({ position: end, length: bytes - end });
    return { ...found, records, ...sortGaps(gaps, recordSize(dimension)) };
  } finally {
    await file.close();
  }
}

/** Neighbouring gaps joined, then told apart by whether a whole record would have had room. */
function sortGaps(gaps: readonly Gap[], size: number): Pick<InspectedStore, "damaged" | "unfinished"> {
  const joined: Gap[] = [];
  for (const gap of gaps) {
    const last = joined.at(-1);
    if (last !== undefined && last.position + last.length === gap.position) {
      joined[joined.length - 1] = { position: last.position, length: last.length + gap.length };
    } else joined.push(gap);
  }
  return {
    damaged: joined.filter(({ length }) => length >= size),
    unfinished: joined.filter(({ length }) => length < size),
  };
}
