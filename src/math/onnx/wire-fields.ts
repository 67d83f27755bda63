/**
 * Fields of protocol buffer messages where they lie in a file, without the file in memory: a message is a range of bytes, and what is
 * not asked for is stepped over. Reference: protobuf.dev/programming-guides/encoding.
 */
import { readSync } from "node:fs";

/** Bytes from `begin` to `end`, `end` itself excluded. */
export interface ByteRange {
  readonly begin: number;
  readonly end: number;
}

export interface WireField extends ByteRange {
  readonly number: number;
  /** The value of a varint; 0 for the other kinds, which are ranges of bytes. */
  readonly value: number;
}

/** Gives the bytes of a range, fewer where the file ends. */
export type ByteSource = (range: ByteRange) => Uint8Array;

const WINDOW = 1 << 16;
const LONGEST_VARINT = 10;

/** Reads an open file by windows of 64 KiB; longer ranges are read whole. */
export function fileSource(descriptor: number): ByteSource {
  let window = { begin: 0, bytes: new Uint8Array(0) };
  return ({ begin, end }) => {
    if (begin < window.begin || end > window.begin + window.bytes.length) {
      const bytes = new Uint8Array(Math.max(WINDOW, end - begin));
      const length = readSync(descriptor, bytes, 0, bytes.length, begin);
      window = { begin, bytes: bytes.subarray(0, length) };
    }
    return window.bytes.subarray(begin - window.begin, end - window.begin);
  };
}

/** The fields of the message in `range`, in their order. Throws where the bytes are no message. */
export function* fieldsOf(source: ByteSource, range: ByteRange): Generator<WireField> {
  for (let position = range.begin; position < range.end; ) {
    const tag = varintAt(source, position);
    const field = { number: Math.floor(tag.value / 8), ...valueAt(source, tag.end, tag.value % 8) };
    if (field.number === 0 || field.end > range.end) throw new Error(`no field at byte ${position}`);
    yield field;
    position = field.end;
  }
}

function valueAt(source: ByteSource, begin: number, kind: number): Omit<WireField, "number"> {
  switch (kind) {
    case 0:
      return varintAt(source, begin);
    case 1:
      return { begin, end: begin + 8, value: 0 };
    case 2: {
      const length = varintAt(source, begin);
      return { begin: length.end, end: length.end + length.value, value: 0 };
    }
    case 5:
      return { begin, end: begin + 4, value: 0 };
    default:
      throw new Error(`no kind of field at byte ${begin}`);
  }
}

/** Seven bits a byte, the lowest first. Beyond 2^53 the value is rounded: it then is no length of anything. */
function varintAt(source: ByteSource, begin: number): Omit<WireField, "number"> {
  const bytes = source({ begin, end: begin + LONGEST_VARINT });
  let value = 0;
  for (const [i, byte] of bytes.entries()) {
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return { begin, end: begin + i + 1, value };
  }
  throw new Error(`no number at byte ${begin}`);
}
