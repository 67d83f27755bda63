/**
 * The records of a vector store, one after the other in a file that is only ever appended to (little-endian):
 *
 *   "TRv1" | written (u32, seconds) | key (32 bytes) | vector (4 d bytes, float32) | CRC-32 of all between mark and checksum
 *
 * What is no record with a right checksum (the remains of a killed writer, flipped bytes) is stepped over: reading goes on
 * at the next mark that opens a whole record.
 */
import type { FileHandle } from "node:fs/promises";
import { crc32 } from "node:zlib";

const MARK = Buffer.from("TRv1", "latin1");
const TIME_AT = MARK.length;
const KEY_AT = TIME_AT + 4;
const VECTOR_AT = KEY_AT + 32;
const CHECK_BYTES = 4;
/** Read at a time: a millisecond of checksums, so that nobody waits for the main thread. */
const CHUNK_BYTES = 1 << 18;

export interface VectorEntry {
  /** sha256 of the input, its 32 bytes as a latin1 string. */
  readonly key: string;
  readonly vector: Float32Array;
}

export interface RecordPlace {
  readonly key: string;
  /** Seconds since 1970. */
  readonly written: number;
  /** Place of the record's first byte in the file. */
  readonly position: number;
}

/** Bytes between records that are none. */
export interface Gap {
  readonly position: number;
  readonly length: number;
}

export interface Scan {
  readonly records: readonly RecordPlace[];
  readonly gaps: readonly Gap[];
  /** Where reading stopped: what follows may be a record whose end is not there yet. */
  readonly end: number;
}

export function recordSize(dimension: number): number {
  return VECTOR_AT + 4 * dimension + CHECK_BYTES;
}

/** The record's bytes. Its time is some seconds earlier where it would end as a mark begins. */
export function encodeRecord({ key, vector }: VectorEntry, written: number): Buffer {
  const record = Buffer.alloc(recordSize(vector.length));
  MARK.copy(record);
  record.write(key, KEY_AT, "latin1");
  record.set(new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength), VECTOR_AT);
  for (let time = written; ; time -= 1) {
    record.writeUInt32LE(time, TIME_AT);
    record.writeUInt32LE(checksum(record), record.length - CHECK_BYTES);
    if (!endsWithMark(record)) return record;
  }
}

/** Whether the mark of the record after it would stand in for the last bytes of this one, were they never written. */
function endsWithMark(record: Buffer): boolean {
  const lengths = Array.from(MARK, (_, i) => i + 1);
  return lengths.some((length) => record.subarray(-length).equals(MARK.subarray(0, length)));
}

/** Copies the vector of the record at `offset` of `bytes` into `vector`; false when there is no right record of that key. */
export function readVector(bytes: Buffer, offset: number, key: string, vector: Float32Array): boolean {
  const size = recordSize(vector.length);
  const record = bytes.subarray(offset, offset + size);
  if (record.length < size || !isRecord(record) || headerAt(record, 0).key !== key) return false;
  record.copy(new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength), 0, VECTOR_AT);
  return true;
}

/** The records of a file from `begin` to its end, some thousand at a time. */
export async function* scanFile(file: FileHandle, dimension: number, begin = 0): AsyncGenerator<Scan> {
  const chunk = Buffer.allocUnsafe(Math.max(CHUNK_BYTES, 2 * recordSize(dimension)));
  for (let position = begin; ; ) {
    const { bytesRead } = await file.read(chunk, 0, chunk.length, position);
    const scan = scanBytes(chunk.subarray(0, bytesRead), dimension, position);
    if (scan.end === position) return;
    yield scan;
    position = scan.end;
  }
}

/** The records of `bytes`, which stand at `position` of their file. */
export function scanBytes(bytes: Buffer, dimension: number, position: number): Scan {
  const size = recordSize(dimension);
  const records: RecordPlace[] = [];
  const gaps: Gap[] = [];
  for (let end = 0; ; end += size) {
    const { offset, whole } = nextRecord(bytes, end, size);
    if (offset > end) gaps.push({ position: position + end, length: offset - end });
    end = offset;
    if (!whole) return { records, gaps, end: position + end };
    records.push({ ...headerAt(bytes, offset), position: position + offset });
  }
}

/** The first whole record at or after `from`; when there is none, where one may begin whose end is not there yet. */
function nextRecord(bytes: Buffer, from: number, size: number): { readonly offset: number; readonly whole: boolean } {
  for (let offset = bytes.indexOf(MARK, from); offset >= 0; offset = bytes.indexOf(MARK, offset + 1)) {
    if (offset + size > bytes.length) return { offset, whole: false };
    if (isRecord(bytes.subarray(offset, offset + size))) return { offset, whole: true };
  }
  return { offset: Math.max(from, bytes.length - (MARK.length - 1)), whole: false };
}

function headerAt(bytes: Buffer, offset: number): Pick<RecordPlace, "key" | "written"> {
  return {
    written: bytes.readUInt32LE(offset + TIME_AT),
    key: bytes.toString("latin1", offset + KEY_AT, offset + VECTOR_AT),
  };
}

function isRecord(record: Buffer): boolean {
  return record.readUInt32LE(record.length - CHECK_BYTES) === checksum(record);
}

function checksum(record: Buffer): number {
  return crc32(record.subarray(TIME_AT, record.length - CHECK_BYTES));
}
