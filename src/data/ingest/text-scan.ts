/**
 * One pass over a text file before DuckDB reads it: a record is well formed, valid UTF-8 and as wide as the header,
 * or it is a reject with its line. What DuckDB then reads holds good records only: the file itself when nothing was
 * wrong, else a copy without the bad ones.
 */
import { isUtf8 } from "node:buffer";
import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { TailrecError } from "../../errors.ts";
import type { RunContext } from "../../run-context.ts";
import type { Reject } from "./rejects.ts";
import { messageOf, type SourceFile } from "./source-file.ts";
import { MAXIMUM_RECORD_BYTES, readRecordBatches } from "./text-batches.ts";
import { dialectOf } from "./text-dialect.ts";
import { type Dialect, splitRecord, type TextRecord } from "./text-record.ts";

export interface TextScan {
  readonly dialect: Dialect;
  /** Names of the header; empty for JSON lines. */
  readonly columns: readonly string[];
  /** The line of every good record, in file order. */
  readonly lines: readonly number[];
  readonly rejects: readonly Reject[];
  /** Whether DuckDB can read the file as it is. */
  readonly clean: boolean;
}

/** Throws EMPTY_INPUT without rows; UNREADABLE_INPUT for a damaged gzip, a damaged header or a record without end. */
export async function scanText(source: SourceFile, context: RunContext): Promise<TextScan> {
  const dialect = await dialectOf(source);
  let columns: readonly string[] = [];
  const lines: number[] = [];
  const rejects: Reject[] = [];
  let blanks = 0;
  const lineEnds = new Set<LineEnd>();
  for await (const batch of judgedBatches(source, dialect, context)) {
    if (batch.header !== null) {
      columns = splitRecord(batch.bytes, batch.header, dialect);
      lineEnds.add(lineEndOf(batch.bytes, batch.header));
    }
    for (const record of batch.good) {
      lines.push(record.line);
      lineEnds.add(lineEndOf(batch.bytes, record));
    }
    for (const { record, reason } of batch.bad) {
      rejects.push({ file: source.path, line: record.line, reason, row: textOf(batch.bytes, record) });
    }
    blanks += batch.blanks;
  }
  if (lines.length + rejects.length === 0) {
    throw new TailrecError("EMPTY_INPUT", `${source.path} has no rows${columns.length > 0 ? " after its header" : ""}`);
  }
  return { dialect, columns, lines, rejects, clean: rejects.length + blanks === 0 && !isMixed(lineEnds) };
}

/** Writes the good records of a scanned file to `path`, without the header. */
export async function copyGoodRecords(
  source: SourceFile,
  scan: TextScan,
  path: string,
  context: RunContext,
): Promise<void> {
  async function* goodLines(): AsyncGenerator<Buffer> {
    for await (const { bytes, good } of judgedBatches(source, scan.dialect, context)) {
      yield Buffer.concat(good.flatMap(({ start, end }) => [bytes.subarray(start, end), LINE_END]));
    }
  }
  try {
    await pipeline(goodLines, createWriteStream(path));
  } catch (cause) {
    if (cause instanceof TailrecError) throw cause;
    const message = `could not write a temporary copy of ${source.path} (${messageOf(cause)}); set TMPDIR to a folder with space`;
    throw new TailrecError("OUTPUT_FAILED", message, { cause });
  }
}

const LINE_END = Buffer.from("\n");
const NEWLINE = 10;
const SPACE = 32;
const TAB = 9;

interface JudgedBatch {
  readonly bytes: Buffer;
  readonly header: TextRecord | null;
  readonly good: readonly TextRecord[];
  readonly bad: readonly { readonly record: TextRecord; readonly reason: string }[];
  readonly blanks: number;
}

async function* judgedBatches(source: SourceFile, dialect: Dialect, context: RunContext): AsyncGenerator<JudgedBatch> {
  let width = source.format === "jsonl" ? 1 : undefined;
  for await (const { bytes, records } of readRecordBatches(source, dialect, context)) {
    const filled = records.filter((record) => !isBlank(bytes, record));
    const header = width === undefined ? (filled.shift() ?? null) : null;
    if (header !== null) refuseDamagedHeader(source, bytes, header);
    width ??= header?.fields;
    const blanks = records.length - filled.length - (header === null ? 0 : 1);
    yield { bytes, header, blanks, ...judge(bytes, filled, width ?? 1) };
  }
}

function judge(bytes: Buffer, records: readonly TextRecord[], width: number): Pick<JudgedBatch, "good" | "bad"> {
  const good: TextRecord[] = [];
  const bad: { record: TextRecord; reason: string }[] = [];
  const allUtf8 = isUtf8(bytes.subarray(0, records.at(-1)?.next ?? 0));
  for (const record of records) {
    const reason = problemOf(bytes, record, width, allUtf8);
    if (reason === null) good.push(record);
    else bad.push({ record, reason });
  }
  return { good, bad };
}

function problemOf(bytes: Buffer, record: TextRecord, width: number, allUtf8: boolean): string | null {
  if (!allUtf8 && !isUtf8(bytes.subarray(record.start, record.end))) return "invalid UTF-8";
  if (record.end - record.start > MAXIMUM_RECORD_BYTES) return "longer than 1 MiB";
  return record.problem ?? (record.fields === width ? null : "wrong number of fields");
}

function refuseDamagedHeader(source: SourceFile, bytes: Buffer, header: TextRecord): void {
  const problem = problemOf(bytes, header, header.fields, false);
  if (problem === null) return;
  throw new TailrecError("UNREADABLE_INPUT", `${source.path}: the header has ${problem}: ${textOf(bytes, header)}`);
}

function isBlank(bytes: Buffer, record: TextRecord): boolean {
  if (record.fields !== 1 || record.problem !== null) return false;
  let p = record.start;
  while (p < record.end && (bytes[p] === SPACE || bytes[p] === TAB)) p++;
  return p === record.end;
}

type LineEnd = "none" | "lf" | "crlf" | "cr";

function lineEndOf(bytes: Buffer, { end, next }: TextRecord): LineEnd {
  if (next === end) return "none";
  if (next === end + 2) return "crlf";
  return bytes[end] === NEWLINE ? "lf" : "cr";
}

/** DuckDB wants one kind of line end throughout; the last line may do without. */
function isMixed(lineEnds: ReadonlySet<LineEnd>): boolean {
  return lineEnds.has("cr") || (lineEnds.has("lf") && lineEnds.has("crlf"));
}

function textOf(bytes: Buffer, record: TextRecord): string {
  return bytes.toString("utf8", record.start, record.end);
}
