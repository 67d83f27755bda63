/** A text file as batches of records: a buffer and the bounds of the records in it, so that memory stays bounded. */
import { TailrecError } from "../../../errors.ts";
import { type Dialect, scanRecord, spoiltLine, type TextRecord } from "./text-record.ts";

/** A longer record is damage, or not line by line at all; DuckDB's own limit is 2,000,000 bytes. */
export const MAXIMUM_RECORD_BYTES = 1 << 20;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
const NEWLINE = 10;

export interface RecordBatch {
  readonly bytes: Buffer;
  readonly records: readonly TextRecord[];
  /** Empty lines, which are no records. */
  readonly blanks: number;
}

/** `path` is for messages. UNREADABLE_INPUT for a record without end. */
export async function* readRecordBatches(
  path: string,
  chunks: AsyncIterable<Buffer>,
  dialect: Dialect,
): AsyncGenerator<RecordBatch> {
  let rest: Buffer = Buffer.alloc(0);
  let line = 1;
  let first = true;
  for await (const chunk of chunks) {
    const bytes = Buffer.concat([rest, first ? withoutMark(chunk) : chunk]);
    first = false;
    const { scanned, batch, lines } = scanRecords(bytes, line, dialect, false);
    yield batch;
    line += lines;
    rest = bytes.subarray(scanned);
    if (rest.length > 2 * MAXIMUM_RECORD_BYTES) throw tooLong(path, line);
  }
  yield scanRecords(rest, line, dialect, true).batch;
}

interface Scanned {
  readonly batch: RecordBatch;
  /** Bytes, and physical lines, of all records and empty lines that end in the buffer. */
  readonly scanned: number;
  readonly lines: number;
}

function scanRecords(bytes: Buffer, firstLine: number, dialect: Dialect, final: boolean): Scanned {
  const records: TextRecord[] = [];
  let line = firstLine;
  let start = 0;
  let blanks = 0;
  while (start < bytes.length) {
    if (bytes[start] === NEWLINE) {
      start++;
      line++;
      blanks++;
      continue;
    }
    const record = scanRecord(bytes, start, line, dialect, final) ?? endlessRecord(bytes, start, line);
    if (record === null) break;
    records.push(record);
    start = record.next;
    line += record.lines;
  }
  return { batch: { bytes, records, blanks }, scanned: start, lines: line - firstLine };
}

/** A record so long without an end is a quote that never closes: its first line is spoilt. */
function endlessRecord(bytes: Buffer, start: number, line: number): TextRecord | null {
  return bytes.length - start > MAXIMUM_RECORD_BYTES ? spoiltLine(bytes, start, line, false) : null;
}

function withoutMark(chunk: Buffer): Buffer {
  return chunk.subarray(0, 3).equals(BYTE_ORDER_MARK) ? chunk.subarray(3) : chunk;
}

function tooLong(path: string, line: number): TailrecError {
  const message = `${path}, line ${line}: longer than 1 MiB; expected one record, or one JSON object, a line`;
  return new TailrecError("UNREADABLE_INPUT", message);
}
