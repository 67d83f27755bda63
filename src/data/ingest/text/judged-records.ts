/**
 * The records of a text file, each judged: well formed, valid UTF-8 and as wide as the header, or bad with its reason. The first record
 * is the header, unless it continues a file that was split: as wide as the header of the first part, without any of its names. A
 * line before it that declares the delimiter counts as blank.
 */
import { isUtf8 } from "node:buffer";
import { TailrecError } from "../../../errors.ts";
import { excerpt } from "../../../excerpt.ts";
import { INVALID_UTF8, NAME_ENCODING } from "../source/text-encoding.ts";
import { MAXIMUM_RECORD_BYTES, type RecordBatch } from "./text-batches.ts";
import { declaredDelimiter } from "./text-dialect.ts";
import { type Dialect, splitRecord, type TextRecord } from "./text-record.ts";

export interface JudgedBatch {
  readonly bytes: Buffer;
  /** Where this batch begins with it. */
  readonly header: Header | null;
  readonly good: readonly TextRecord[];
  readonly bad: readonly { readonly record: TextRecord; readonly reason: string }[];
  /** Blank lines, and the line that declares the delimiter. */
  readonly blanks: number;
}

export interface Header {
  readonly names: readonly string[];
  readonly record: TextRecord;
}

export interface JudgeOptions {
  /** For messages. */
  readonly path: string;
  readonly dialect: Dialect;
  /** False for JSON lines. */
  readonly hasHeader: boolean;
  /** Names of the columns, where this is a later part or the pipeline gives them. */
  readonly earlier: readonly string[] | undefined;
  /** Whether the pipeline gave those names: then a first line of another width is a mistake. */
  readonly isNamed: boolean;
}

/** What every record is held against. */
interface Expected {
  readonly fields: number;
  /** The bytes of the header, which files put one behind the other repeat. */
  readonly header: Buffer | null;
}

/** Throws UNREADABLE_INPUT for a damaged header. */
export async function* judgeRecords(
  batches: AsyncIterable<RecordBatch>,
  options: JudgeOptions,
): AsyncGenerator<JudgedBatch> {
  let expected: Expected | undefined = options.hasHeader ? undefined : { fields: 1, header: null };
  let isFirst = true;
  for await (const { bytes, records, blanks } of batches) {
    const filled = records.filter((record) => !isBlank(bytes, record));
    let empty = blanks + records.length - filled.length;
    let header: Header | null = null;
    if (isFirst && filled.length > 0) {
      isFirst = false;
      if (options.hasHeader && declaredDelimiter(textOf(bytes, filled[0])) !== undefined) {
        filled.shift();
        empty++;
      }
    }
    if (expected === undefined && filled.length > 0) {
      header = headerAt(bytes, filled[0], options);
      expected = expectedBy(bytes, filled[0], header);
      if (header !== null) filled.shift();
    }
    yield { bytes, header, blanks: empty, ...judge(bytes, filled, expected ?? { fields: 1, header: null }) };
  }
}

/** Null where the record is the first row of a part without a header. */
function headerAt(bytes: Buffer, record: TextRecord, options: JudgeOptions): Header | null {
  const { path, earlier, isNamed } = options;
  const names = headerNames(bytes, record, options);
  if (earlier === undefined || names.some((name) => name !== "" && earlier.includes(name))) return { names, record };
  if (names.length === earlier.length) return null;
  if (!isNamed) return { names, record };
  const counts = `the first line has ${names.length} fields, but "header" names ${earlier.length}`;
  throw unreadable(path, `${counts}: ${excerpt(textOf(bytes, record))}`);
}

function expectedBy(bytes: Buffer, { fields, start, end }: TextRecord, header: Header | null): Expected {
  return { fields, header: header === null ? null : Buffer.from(bytes.subarray(start, end)) };
}

function judge(bytes: Buffer, records: readonly TextRecord[], expected: Expected): Pick<JudgedBatch, "good" | "bad"> {
  const good: TextRecord[] = [];
  const bad: { record: TextRecord; reason: string }[] = [];
  const allUtf8 = isUtf8(bytes.subarray(0, records.at(-1)?.next ?? 0));
  for (const record of records) {
    const reason = problemOf(bytes, record, expected, allUtf8);
    if (reason === null) good.push(record);
    else bad.push({ record, reason });
  }
  return { good, bad };
}

function problemOf(bytes: Buffer, record: TextRecord, { fields, header }: Expected, allUtf8: boolean): string | null {
  const { start, end } = record;
  if (!allUtf8 && !isUtf8(bytes.subarray(start, end))) return INVALID_UTF8;
  if (end - start > MAXIMUM_RECORD_BYTES) return "longer than 1 MiB";
  if (record.problem !== null) return record.problem;
  if (record.fields !== fields) return "wrong number of fields";
  return header !== null && repeats(bytes, record, header) ? "the header again" : null;
}

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

function repeats(bytes: Buffer, { start, end }: TextRecord, header: Buffer): boolean {
  const mark = end - start - header.length;
  if (mark !== 0 && mark !== BYTE_ORDER_MARK.length) return false;
  return bytes.subarray(end - header.length, end).equals(header) && (mark === 0 || startsWithMark(bytes, start));
}

function startsWithMark(bytes: Buffer, start: number): boolean {
  return bytes.subarray(start, start + BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK);
}

function headerNames(bytes: Buffer, record: TextRecord, { path, dialect }: JudgeOptions): string[] {
  const text = excerpt(textOf(bytes, record));
  const problem = problemOf(bytes, record, { fields: record.fields, header: null }, false);
  if (problem !== null) {
    const remedy = problem === INVALID_UTF8 ? `; ${NAME_ENCODING}` : "";
    throw unreadable(path, `the header has ${problem}: ${text}${remedy}`);
  }
  const names = splitRecord(bytes, record, dialect);
  if (!names.some(isBinary)) return names;
  throw unreadable(path, `the header is no text: ${text}; export the file again as CSV, JSON lines or Parquet`);
}

/** Control characters other than a tab and line ends. */
function isBinary(name: string): boolean {
  return Buffer.from(name).some((byte) => byte < 9 || (byte > 13 && byte < 32));
}

function unreadable(path: string, what: string): TailrecError {
  return new TailrecError("UNREADABLE_INPUT", `${path}: ${what}`);
}

const SPACE = 32;
const TAB = 9;

function isBlank(bytes: Buffer, record: TextRecord): boolean {
  if (record.fields !== 1 || record.problem !== null) return false;
  let p = record.start;
  while (p < record.end && (bytes[p] === SPACE || bytes[p] === TAB)) p++;
  return p === record.end;
}

export function textOf(bytes: Buffer, record: TextRecord): string {
  return bytes.toString("utf8", record.start, record.end);
}
