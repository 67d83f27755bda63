/** A text file as batches of records: a buffer and the bounds of the records in it, so that memory stays bounded. */
import { TailrecError } from "../../errors.ts";
import { type RunContext, throwIfInterrupted } from "../../run-context.ts";
import { readBytes, type SourceFile } from "./source-file.ts";
import { type Dialect, scanRecord, spoiltLine, type TextRecord } from "./text-record.ts";

/** A longer record is damage, or not line by line at all; DuckDB's own limit is 2,000,000 bytes. */
export const MAXIMUM_RECORD_BYTES = 1 << 20;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

export interface RecordBatch {
  readonly bytes: Buffer;
  readonly records: readonly TextRecord[];
}

export async function* readRecordBatches(
  source: SourceFile,
  dialect: Dialect,
  context: RunContext,
): AsyncGenerator<RecordBatch> {
  let rest: Buffer = Buffer.alloc(0);
  let line = 1;
  let first = true;
  const onRead = (done: number): void =>
    context.onProgress?.({ stage: `read ${source.name}`, done, total: source.size });
  for await (const chunk of readBytes(source, onRead)) {
    throwIfInterrupted(context);
    const bytes = Buffer.concat([rest, first ? withoutMark(chunk) : chunk]);
    first = false;
    const records = scanRecords(bytes, line, dialect, false);
    yield { bytes, records };
    const last = records.at(-1);
    if (last !== undefined) line = last.line + last.lines;
    rest = bytes.subarray(last?.next ?? 0);
    if (rest.length > 2 * MAXIMUM_RECORD_BYTES) throw tooLong(source, line);
  }
  yield { bytes: rest, records: scanRecords(rest, line, dialect, true) };
}

function scanRecords(bytes: Buffer, firstLine: number, dialect: Dialect, final: boolean): TextRecord[] {
  const records: TextRecord[] = [];
  let line = firstLine;
  for (let start = 0; start < bytes.length; ) {
    const record = scanRecord(bytes, start, line, dialect, final) ?? endlessRecord(bytes, start, line);
    if (record === null) break;
    records.push(record);
    start = record.next;
    line += record.lines;
  }
  return records;
}

/** A record so long without an end is a quote that never closes: its first line is spoilt. */
function endlessRecord(bytes: Buffer, start: number, line: number): TextRecord | null {
  return bytes.length - start > MAXIMUM_RECORD_BYTES ? spoiltLine(bytes, start, line, false) : null;
}

function withoutMark(chunk: Buffer): Buffer {
  return chunk.subarray(0, 3).equals(BYTE_ORDER_MARK) ? chunk.subarray(3) : chunk;
}

function tooLong(source: SourceFile, line: number): TailrecError {
  const remedy =
    source.format === "jsonl" ? "expected one JSON object a line, not one array" : "expected one record a line";
  return new TailrecError("UNREADABLE_INPUT", `${source.path}, line ${line}: longer than 1 MiB; ${remedy}`);
}
