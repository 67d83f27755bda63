/**
 * A JSON array as records, one an element, each brought onto a line of its own: what follows reads JSON lines and nothing else. Elements
 * are told apart by brackets and quotes alone (RFC 8259); whether they are right is judged later, one by one.
 */
import { TailrecError } from "../../../errors.ts";
import { MAXIMUM_RECORD_BYTES, type RecordBatch } from "../text/text-batches.ts";
import type { TextRecord } from "../text/text-record.ts";

/** Whether the text, a byte order mark aside, begins with an array. */
export function isJsonArray(head: Buffer): boolean {
  return head
    .toString("utf8")
    .replace(/^\ufeff/, "")
    .trimStart()
    .startsWith("[");
}

/** Batches without a header. UNREADABLE_INPUT where the array never ends, where text follows it, or where an element has more than 1 MiB. */
export async function* readArrayBatches(path: string, chunks: AsyncIterable<Buffer>): AsyncGenerator<RecordBatch> {
  const scan = createScan(path);
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const bytes = Buffer.concat([rest, chunk]);
    const { records, open } = scan.read(bytes, rest.length);
    yield { bytes, records, blanks: 0 };
    rest = bytes.subarray(open);
  }
  scan.finish();
}

interface ArrayScan {
  /** Records that end in `bytes`, looked at from `from`; `open` is where the one that has not ended begins. */
  read(bytes: Buffer, from: number): { readonly records: readonly TextRecord[]; readonly open: number };
  /** Throws where the array has not ended. */
  finish(): void;
}

function createScan(path: string): ArrayScan {
  let [line, startLine, start, depth] = [1, 1, -1, 0];
  let [isQuoted, isEscaped, isClosed] = [false, false, false];
  let records: TextRecord[] = [];
  const refuse = (what: string): never => {
    throw new TailrecError("UNREADABLE_INPUT", `${path}, line ${line}: ${what}`);
  };
  const begin = (place: number): void => {
    if (isClosed) refuse("text after the end of the array; expected one array, or one JSON object a line");
    if (start < 0) [start, startLine] = [place, line];
  };
  const end = (place: number): void => {
    if (start < 0) return;
    records.push({ start, end: place, next: place, line: startLine, lines: 1, fields: 1, problem: null });
    start = -1;
  };
  const quoted = (byte: number): void => {
    if (isEscaped) isEscaped = false;
    else if (byte === BACKSLASH) isEscaped = true;
    else if (byte === QUOTE) isQuoted = false;
  };
  const structural = (byte: number, place: number): void => {
    switch (byte) {
      case OPEN_ARRAY:
      case OPEN_OBJECT:
        if (depth > 0 || isClosed) begin(place);
        depth++;
        return;
      case CLOSE_ARRAY:
      case CLOSE_OBJECT:
        depth--;
        if (depth < 2) end(depth === 1 ? place + 1 : place);
        isClosed ||= depth < 1;
        return;
      case COMMA:
        if (depth === 1) end(place);
        return;
      case SPACE:
      case TAB:
        return;
      default:
        isQuoted = byte === QUOTE;
        if (depth > 0 || isClosed) begin(place);
    }
  };
  return {
    read: (bytes, from) => {
      records = [];
      if (start > 0) start = 0;
      for (let p = from; p < bytes.length; p++) {
        const byte = bytes[p];
        if (byte === NEWLINE || byte === RETURN) {
          if (byte === NEWLINE) line++;
          bytes[p] = SPACE;
        } else if (isQuoted) quoted(byte);
        else structural(byte, p);
      }
      const open = start < 0 ? bytes.length : start;
      if (bytes.length - open > 2 * MAXIMUM_RECORD_BYTES) refuse("an element of the array is longer than 1 MiB");
      return { records, open };
    },
    finish: () => {
      if (!isClosed) refuse("the array never ends: the file is cut off; copy or export it again");
    },
  };
}

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const TAB = 0x09;
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
