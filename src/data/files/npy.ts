/**
 * NumPy's array file, version 1.0: magic, version, header length (uint16), a Python dict literal padded so that the data start
 * at a multiple of 64 bytes, then the values. Two-dimensional, C order, little-endian (as are the machines that ONNX Runtime
 * and so tailrec run on): float32 is written; halves and float64 are read too. Reference: numpy.lib.format, https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
import { TailrecError } from "../../errors.ts";
import { floatsOfHalves } from "../../math/half-float.ts";
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

/** How numbers stand in a file, by its `descr`: their size, and what is made of their bytes. */
const KINDS = {
  "<f2": { bytes: 2, values: (buffer: ArrayBuffer) => floatsOfHalves(new Uint16Array(buffer)) },
  "<f4": { bytes: 4, values: (buffer: ArrayBuffer) => new Float32Array(buffer) },
  "<f8": { bytes: 8, values: (buffer: ArrayBuffer) => new Float64Array(buffer) },
} as const;

/** The matrix in the file, of float32 or of halves; `name` names it in messages. Throws UNREADABLE_INPUT. */
export function decodeNpy(bytes: Uint8Array, name: string): Matrix {
  const { values, ...shape } = decodeAs(["<f4", "<f2"], bytes, name);
  return { ...shape, values: values instanceof Float32Array ? values : Float32Array.from(values) };
}

/** The float64 matrix in the file. Throws UNREADABLE_INPUT. */
export function decodeNpy64(bytes: Uint8Array, name: string): Matrix<Float64Array> {
  const { values, ...shape } = decodeAs(["<f8"], bytes, name);
  return { ...shape, values: values instanceof Float64Array ? values : Float64Array.from(values) };
}

function decodeAs(kinds: readonly (keyof typeof KINDS)[], bytes: Uint8Array, name: string) {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { header, start } = readHeader(buffer, name);
  const shape = /'shape': \((\d+), (\d+)\)/.exec(header);
  const kind = kinds.find((one) => header.includes(`'descr': '${one}'`));
  if (kind === undefined || !/'fortran_order': False/.test(header) || shape === null) {
    const wanted = kinds.map((one) => `'${one}'`).join(" or ");
    throw unreadable(name, `expected a two-dimensional C-order ${wanted} array, received the header ${header.trim()}`);
  }
  const [rows, columns] = [Number(shape[1]), Number(shape[2])];
  const expected = start + KINDS[kind].bytes * rows * columns;
  if (bytes.length !== expected) {
    throw unreadable(name, `expected ${expected} bytes for ${rows} x ${columns}, received ${bytes.length}`);
  }
  return { rows, columns, values: KINDS[kind].values(new Uint8Array(bytes.subarray(start)).buffer) };
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
  return new TailrecError("UNREADABLE_INPUT", `${name}: ${detail}; write the file again (numpy.save)`);
}
