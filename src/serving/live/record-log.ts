/**
 * An append-only file of JSON lines that outlives a kill: the last member of every line, "crc", is the CRC-32 of the line without it.
 * Records that arrive together are written and synced together (group commit), and none is acknowledged before the disk has it. A
 * tail that a crash tore is cut off when the log is opened, and said; damage before it is refused.
 */
import { createReadStream } from "node:fs";
import { type FileHandle, mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { outputFailed } from "../../data/files/output-failure.ts";
import {
  damagedLine,
  type LogRecord,
  logLine,
  parsedLine,
  readRecords,
} from "../../data/ingest/service-log/record-lines.ts";
import { isAbsence, readError } from "../../file-errors.ts";

export interface RecordLog {
  /** Resolves once the disk has the records. OUTPUT_FAILED where it takes no more; then no record of the call counts. */
  append(records: readonly LogRecord[]): Promise<void>;
  /** Keeps the records that are wanted, in a new file that takes the old one's place. Gives how many went. */
  rewrite(isKept: (record: LogRecord) => boolean): Promise<number>;
  close(): Promise<void>;
}

export interface OpenedLog {
  readonly log: RecordLog;
  /** What it held, in order. */
  readonly records: readonly LogRecord[];
  /** Bytes of a torn tail that were cut off. */
  readonly cut: number;
}

/** Opens the log at `path`, made where there is none. UNREADABLE_INPUT naming the line where it is damaged before its tail. */
export async function openRecordLog(path: string): Promise<OpenedLog> {
  await mkdir(dirname(path), { recursive: true });
  await rm(temporaryOf(path), { force: true });
  const bytes = await readFile(path).catch((cause: unknown) => {
    if (isAbsence(cause)) return Buffer.alloc(0);
    throw readError(path, cause);
  });
  const { records, length } = readRecords(bytes, path);
  const file = await open(path, "a");
  if (length < bytes.length) await file.truncate(length);
  await syncFolder(dirname(path));
  return { log: createLog(path, file), records, cut: bytes.length - length };
}

function temporaryOf(path: string): string {
  return `${path}.rewriting`;
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  await handle.sync().finally(() => handle.close());
}

/** Copies the records that are kept beside the log, part by part; gives how many went. Nothing is left where that is none. */
async function writeKept(path: string, isKept: (record: LogRecord) => boolean): Promise<number> {
  const next = await open(temporaryOf(path), "w");
  let gone = 0;
  try {
    for await (const lines of linesOf(path)) {
      const kept = lines.filter(({ text, number }) => {
        const record = parsedLine(text);
        if (record === undefined) throw damagedLine(path, number);
        return isKept(record);
      });
      gone += lines.length - kept.length;
      await next.appendFile(kept.map(({ text }) => `${text}\n`).join(""));
    }
    await next.sync();
  } finally {
    await next.close();
  }
  if (gone === 0) await rm(temporaryOf(path));
  return gone;
}

interface Line {
  readonly text: string;
  readonly number: number;
}

/** The lines of a log that is being written, as many at a time as a read gives: the event loop goes on in between. */
async function* linesOf(path: string): AsyncGenerator<readonly Line[]> {
  let number = 0;
  let rest = "";
  for await (const chunk of createReadStream(path, "utf8")) {
    const texts = (rest + chunk).split("\n");
    rest = texts.pop() ?? "";
    yield texts.map((text) => ({ text, number: ++number }));
  }
}

function createLog(path: string, opened: FileHandle): RecordLog {
  let file = opened;
  let waiting: { readonly lines: string; settle(error?: Error): void }[] = [];
  let last: Promise<unknown> = Promise.resolve();
  let size: number | undefined;
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work);
    last = turn.catch(() => undefined);
    return turn;
  };
  const flush = async (): Promise<void> => {
    const group = waiting;
    waiting = [];
    if (group.length === 0) return;
    size ??= (await file.stat()).size;
    const bytes = Buffer.from(group.map(({ lines }) => lines).join(""));
    try {
      if (bytes.length > 0) {
        await file.appendFile(bytes);
        await file.datasync();
      }
      size += bytes.length;
      for (const { settle } of group) settle();
    } catch (cause) {
      // Half a group must not stand before the records that follow it.
      await file.truncate(size).catch(() => undefined);
      for (const { settle } of group) settle(outputFailed(path, cause));
    }
  };
  return {
    append: (records) =>
      new Promise((resolve, reject) => {
        const settle = (error?: Error): void => (error === undefined ? resolve() : reject(error));
        waiting.push({ lines: records.map(logLine).join(""), settle });
        void inTurn(flush);
      }),
    rewrite: (isKept) =>
      inTurn(async () => {
        await flush();
        const gone = await writeKept(path, isKept);
        if (gone === 0) return 0;
        await rename(temporaryOf(path), path);
        await syncFolder(dirname(path));
        await file.close();
        file = await open(path, "a");
        size = undefined;
        return gone;
      }),
    close: () => inTurn(() => flush().finally(() => file.close())),
  };
}
