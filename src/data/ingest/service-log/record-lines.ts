/**
 * Lines of a service's log: JSON records whose last member, "crc", is the CRC-32 of the line without it. A tail that a crash tore is no
 * record; damage before sound records is refused.
 */
import { readFile } from "node:fs/promises";
import { crc32 } from "node:zlib";
import { TailrecError } from "../../../errors.ts";
import { readError } from "../../../file-errors.ts";

export type LogRecord = Readonly<Record<string, unknown>>;

/** The records of a log that a service may be writing; a torn tail is left aside. */
export async function readRecordLog(path: string): Promise<readonly LogRecord[]> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw readError(path, cause);
  });
  return readRecords(bytes, path).records;
}

/** One line, with its checksum and line end. */
export function logLine(record: LogRecord): string {
  const text = JSON.stringify(record);
  const crc = crc32(text).toString(16).padStart(8, "0");
  return `${text.slice(0, -1)}${text === "{}" ? "" : ","}"crc":"${crc}"}\n`;
}

const CHECKSUM = /,?"crc":"([0-9a-f]{8})"\}$/;

/** The record of a line; undefined where the checksum does not fit. */
export function parsedLine(line: string): LogRecord | undefined {
  const found = CHECKSUM.exec(line);
  if (found === null) return undefined;
  const text = `${line.slice(0, found.index)}}`;
  if (crc32(text) !== Number.parseInt(found[1], 16)) return undefined;
  const record: unknown = JSON.parse(text);
  return typeof record === "object" && record !== null ? (record as LogRecord) : undefined;
}

/** The records, and the length of the sound part: a torn tail is left aside. UNREADABLE_INPUT for damage before it. */
export function readRecords(bytes: Buffer, path: string): { readonly records: LogRecord[]; readonly length: number } {
  const records: LogRecord[] = [];
  let length = 0;
  let broken: number | undefined;
  for (let begin = 0, line = 1; begin < bytes.length; line++) {
    const end = bytes.indexOf(0x0a, begin);
    const record = end === -1 ? undefined : parsedLine(bytes.toString("utf8", begin, end));
    if (record !== undefined && broken !== undefined) throw damagedLine(path, broken);
    if (record === undefined) broken ??= line;
    else {
      records.push(record);
      length = end + 1;
    }
    begin = end === -1 ? bytes.length : end + 1;
  }
  return { records, length };
}

export function damagedLine(path: string, line: number): TailrecError {
  const message = `${path}: line ${line} does not have its checksum, and sound records follow it; restore the file from a copy, or remove the line`;
  return new TailrecError("UNREADABLE_INPUT", message);
}
