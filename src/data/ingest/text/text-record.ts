/**
 * The bounds of one record of delimited text (RFC 4180): fields, quotes, line ends. A quoted field may hold line ends.
 * A quote that never closes, or closes before anything but a delimiter, spoils its first line only: reading goes on
 * at the next line. (DuckDB 1.5 loses every row up to the next quote, without a word, hence this scan before it.)
 */
export interface Dialect {
  /** One to four bytes. */
  readonly delimiter: Buffer;
  /** One byte, or -1 where quotes mean nothing. */
  readonly quote: number;
}

export interface TextRecord {
  readonly start: number;
  /** Exclusive, without the line end. */
  readonly end: number;
  /** Where the next record starts. */
  readonly next: number;
  /** 1-based physical line of its start. */
  readonly line: number;
  /** Physical lines spanned. */
  readonly lines: number;
  readonly fields: number;
  readonly problem: "stray quote" | "stray carriage return" | null;
}

const NEWLINE = 10;
const CARRIAGE_RETURN = 13;

/** The record that starts at `start`, on `line`; null when it does not end inside `bytes` and more may come (`final` false). */
export function scanRecord(
  bytes: Buffer,
  start: number,
  line: number,
  dialect: Dialect,
  final: boolean,
): TextRecord | null {
  const { delimiter, quote } = dialect;
  const [first] = delimiter;
  let fields = 1;
  let lines = 1;
  let problem: TextRecord["problem"] = null;
  let fieldStart = start;
  let p = start;
  for (; p < bytes.length; p++) {
    const byte = bytes[p];
    if (byte === NEWLINE) break;
    if (byte === first && isAt(bytes, p, delimiter)) {
      fields++;
      p += delimiter.length - 1;
      fieldStart = p + 1;
    } else if (byte === quote && p === fieldStart) {
      const close = closingQuote(bytes, p + 1, quote);
      if (close + 1 >= bytes.length && !final) return null;
      if (!closesField(bytes, close, delimiter)) return spoiltLine(bytes, start, line, final);
      lines += countNewlines(bytes, p, close);
      p = close;
    } else if (byte === CARRIAGE_RETURN && p + 1 < bytes.length && bytes[p + 1] !== NEWLINE) {
      problem = "stray carriage return";
    }
  }
  if (p >= bytes.length && !final) return null;
  return {
    start,
    end: withoutReturn(bytes, start, p),
    next: Math.min(p + 1, bytes.length),
    line,
    lines,
    fields,
    problem,
  };
}

/** The first physical line at `start` as a record with a stray quote; null as `scanRecord`. */
export function spoiltLine(bytes: Buffer, start: number, line: number, final: boolean): TextRecord | null {
  const newline = bytes.indexOf(NEWLINE, start);
  if (newline < 0 && !final) return null;
  const end = newline < 0 ? bytes.length : newline;
  const next = Math.min(end + 1, bytes.length);
  return { start, end: withoutReturn(bytes, start, end), next, line, lines: 1, fields: 0, problem: "stray quote" };
}

/** The fields of one well-formed record, unquoted. */
export function splitRecord(bytes: Buffer, record: TextRecord, dialect: Dialect): string[] {
  const content = bytes.subarray(0, record.end);
  const quote = String.fromCharCode(dialect.quote);
  const fields: string[] = [];
  let start = record.start;
  while (fields.length < record.fields) {
    const quoted = content[start] === dialect.quote;
    const close = quoted ? closingQuote(content, start + 1, dialect.quote) : start;
    const delimiter = content.indexOf(dialect.delimiter, close);
    const end = delimiter < 0 ? record.end : delimiter;
    const text = content.toString("utf8", quoted ? start + 1 : start, quoted ? close : end);
    fields.push(quoted ? text.replaceAll(quote + quote, quote) : text);
    start = end + dialect.delimiter.length;
  }
  return fields;
}

function withoutReturn(bytes: Buffer, start: number, end: number): number {
  return end > start && bytes[end - 1] === CARRIAGE_RETURN ? end - 1 : end;
}

/** The place of the quote that ends the field; `bytes.length` when there is none. */
function closingQuote(bytes: Buffer, from: number, quote: number): number {
  let p = bytes.indexOf(quote, from);
  while (p >= 0 && bytes[p + 1] === quote) p = bytes.indexOf(quote, p + 2);
  return p < 0 ? bytes.length : p;
}

function closesField(bytes: Buffer, close: number, delimiter: Buffer): boolean {
  if (close >= bytes.length) return false;
  const after = bytes[close + 1];
  if (close + 1 === bytes.length || after === NEWLINE || isAt(bytes, close + 1, delimiter)) return true;
  return after === CARRIAGE_RETURN && (close + 2 === bytes.length || bytes[close + 2] === NEWLINE);
}

/** Whether the delimiter stands at the place. */
function isAt(bytes: Buffer, place: number, delimiter: Buffer): boolean {
  for (let i = 0; i < delimiter.length; i++) if (bytes[place + i] !== delimiter[i]) return false;
  return true;
}

function countNewlines(bytes: Buffer, from: number, to: number): number {
  let count = 0;
  for (let p = bytes.indexOf(NEWLINE, from); p >= 0 && p < to; p = bytes.indexOf(NEWLINE, p + 1)) count++;
  return count;
}
