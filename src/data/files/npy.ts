/**
 * NumPy's array file, version 1.0: magic, version, header length (uint16), a Python dict literal padded so that the data start
 * at a multiple of 64 bytes, then the values. Only what tailrec writes: two-dimensional, C order, little-endian float32 (as are the
 * machines that ONNX Runtime and so tailrec run on). Reference: numpy.lib.format, https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
import { TailrecError } from "../../errors.ts";
import type { Matrix } from "../../math/matrix.ts";

const MAGIC = "\x93NUMPY\x01\x00";
const PREFIX_LENGTH = MAGIC.length + 2;
const ALIGNMENT = 64;

/** The file as its header and a view of the matrix's own memory. */
export function npyParts(matrix: Matrix): readonly Uint8Array[] {
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${matrix.rows}, ${matrix.columns}), }`;
  const start = Math.ceil((PREFIX_LENGTH + header.length + 1) / ALIGNMENT) * ALIGNMENT;
  const head = Buffer.alloc(start, " ");
  head.write(MAGIC, "latin1");
  head.writeUInt16LE(start - PREFIX_LENGTH, MAGIC.length);
  head.write(header, PREFIX_LENGTH, "latin1");
  head.write("\n", start - 1, "latin1");
  const { buffer, byteOffset, byteLength } = matrix.values;
  return [head, new Uint8Array(buffer, byteOffset, byteLength)];
}

/** The matrix in the file; `name` names it in messages. Throws UNREADABLE_INPUT. */
export function decodeNpy(bytes: Uint8Array, name: string): Matrix {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { header, start } = readHeader(buffer, name);
  const shape = /'shape': \((\d+), (\d+)\)/.exec(header);
  if (!/'descr': '<f4'/.test(header) || !/'fortran_order': False/.test(header) || shape === null) {
    throw unreadable(name, `expected a two-dimensional C-order '<f4' array, received the header ${header.trim()}`);
  }
  const [rows, columns] = [Number(shape[1]), Number(shape[2])];
  const expected = start + 4 * rows * columns;
  if (bytes.length !== expected) {
    throw unreadable(name, `expected ${expected} bytes for ${rows} x ${columns}, received ${bytes.length}`);
  }
  return { rows, columns, values: new Float32Array(new Uint8Array(bytes.subarray(start)).buffer) };
}

function readHeader(buffer: Buffer, name: string): { header: string; start: number } {
  if (buffer.length < PREFIX_LENGTH || buffer.toString("latin1", 0, MAGIC.length) !== MAGIC) {
    throw unreadable(name, "expected a NumPy array file of version 1.0");
  }
  const start = PREFIX_LENGTH + buffer.readUInt16LE(MAGIC.length);
  if (start > buffer.length) throw unreadable(name, `expected a header of ${start} bytes, received ${buffer.length}`);
  return { header: buffer.toString("latin1", PREFIX_LENGTH, start), start };
}

function unreadable(name: string, detail: string): TailrecError {
  return new TailrecError(
    "UNREADABLE_INPUT",
    `${name}: ${detail}; write the file again (numpy.save of a float32 array)`,
  );
}
