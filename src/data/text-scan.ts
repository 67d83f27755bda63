/**
 * One pass over a text file before DuckDB reads it: a record is well formed, valid UTF-8 and as wide as the header,
 * or it is a reject with its line. What DuckDB then reads holds good records only: the file itself when nothing was
 * wrong, else a copy without the bad ones.
 */
import { isUtf8 } from "node:buffer";
import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { TailrecError } from "../errors.ts";
import type { RunContext } from "../run-context.ts";
import type { Reject } from "./rejects.ts";
import { readBytes, type SourceFile } from "./source-file.ts";
import { type RecordBatch, readRecordBatches } from "./text-batches.ts";
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
  const lineEnds = new Set<number>();
  for await (const batch of judgedBatches(source, dialect, context)) {
    if (batch.header !== null) columns = splitRecord(batch.bytes, batch.header, dialect);
    for (const { line } of batch.good) lines.push(line);
    for (const { record, line, reason } of batch.bad) {
      rejects.push({ file: source.path, line, reason, row: textOf(batch.bytes, record) });
    }
    blanks += batch.blanks;
    for (const { record } of batch.good) if (record.next > record.end) lineEnds.add(record.next - record.end);
  }
  if (lines.length + rejects.length === 0) {
    throw new TailrecError("EMPTY_INPUT", `${source.path} has no rows${columns.length > 0 ? " after its header" : ""}`);
  }
  return { dialect, columns, lines, rejects, clean: rejects.length + blanks === 0 && lineEnds.size < 2 };
}

/** Writes the good records of a scanned file to `path`, without the header. */
export async function copyGoodRecords(
  source: SourceFile,
  scan: TextScan,
  path: string,
  context: RunContext,
): Promise<void> {
  async function* goodLines(): AsyncGenerator<string | Buffer> {
    for await (const { bytes, good } of judgedBatches(source, scan.dialect, context)) {
      yield Buffer.concat(good.flatMap(({ record }) => [bytes.subarray(record.start, record.end), LINE_END]));
    }
  }
  await pipeline(goodLines, createWriteStream(path));
}

const LINE_END = Buffer.from("\n");
const SPACE = 32;
const TAB = 9;

interface JudgedBatch {
  readonly bytes: Buffer;
  readonly header: TextRecord | null;
  readonly good: readonly { readonly record: TextRecord; readonly line: number }[];
  readonly bad: readonly { readonly record: TextRecord; readonly line: number; readonly reason: string }[];
  readonly blanks: number;
}

async function* judgedBatches(source: SourceFile, dialect: Dialect, context: RunContext): AsyncGenerator<JudgedBatch> {
  let width = source.format === "jsonl" ? 1 : undefined;
  for await (const batch of readRecordBatches(source, dialect, context)) {
    const filled = batch.records.filter((record) => !isBlank(batch.bytes, record));
    const header = width === undefined ? (filled[0] ?? null) : null;
    if (header !== null) {
      refuseDamagedHeader(source, batch, header);
      width = header.fields;
    }
    yield { ...judge(batch, header, width ?? 1), header, blanks: batch.records.length - filled.length };
  }
}

function judge(
  batch: RecordBatch,
  header: TextRecord | null,
  width: number,
): Pick<JudgedBatch, "bytes" | "good" | "bad"> {
  const good: { record: TextRecord; line: number }[] = [];
  const bad: { record: TextRecord; line: number; reason: string }[] = [];
  const allUtf8 = isUtf8(batch.bytes.subarray(0, batch.records.at(-1)?.next ?? 0));
  let line = batch.line;
  for (const record of batch.records) {
    if (record !== header && !isBlank(batch.bytes, record)) {
      const reason = problemOf(batch.bytes, record, width, allUtf8);
      if (reason === null) good.push({ record, line });
      else bad.push({ record, line, reason });
    }
    line += record.lines;
  }
  return { bytes: batch.bytes, good, bad };
}

function problemOf(bytes: Buffer, record: TextRecord, width: number, allUtf8: boolean): string | null {
  if (!allUtf8 && !isUtf8(bytes.subarray(record.start, record.end))) return "invalid UTF-8";
  return record.problem ?? (record.fields === width ? null : "wrong number of fields");
}

function refuseDamagedHeader(source: SourceFile, batch: RecordBatch, header: TextRecord): void {
  const problem = problemOf(batch.bytes, header, header.fields, false);
  if (problem === null) return;
  throw new TailrecError(
    "UNREADABLE_INPUT",
    `${source.path}: the header has ${problem}: ${textOf(batch.bytes, header)}`,
  );
}

function isBlank(bytes: Buffer, record: TextRecord): boolean {
  if (record.fields !== 1 || record.problem !== null) return false;
  let p = record.start;
  while (p < record.end && (bytes[p] === SPACE || bytes[p] === TAB)) p++;
  return p === record.end;
}

function textOf(bytes: Buffer, record: TextRecord): string {
  return bytes.toString("utf8", record.start, record.end);
}

const DELIMITERS = [",", ";", "\t", "|"];

/** CSV: the most frequent of the usual delimiters in the first line. JSON lines: control character 1, which JSON forbids. */
async function dialectOf(source: SourceFile): Promise<Dialect> {
  if (source.format === "jsonl") return { delimiter: 1, quote: -1 };
  if (source.format === "tsv") return { delimiter: "\t".charCodeAt(0), quote: '"'.charCodeAt(0) };
  let line = "";
  for await (const chunk of readBytes(source, () => undefined)) {
    line = chunk.toString("utf8").trimStart().split("\n", 1)[0];
    break;
  }
  const count = (delimiter: string): number => line.split(delimiter).length;
  const best = DELIMITERS.reduce((a, b) => (count(b) > count(a) ? b : a));
  return { delimiter: best.charCodeAt(0), quote: '"'.charCodeAt(0) };
}
