/**
 * Typed arrays in shared memory. Worker threads and native code read and write them in place, without copies: such memory can be
 * neither transferred nor shrunk, so that nobody can free it in the middle of a job. Nobody should change it then either.
 */
import { types } from "node:util";
import type { Matrix, SparseMatrix } from "../matrix.ts";

export const sharedFloat32 = (length: number): Float32Array => new Float32Array(sharedBuffer(4 * length));
export const sharedFloat64 = (length: number): Float64Array => new Float64Array(sharedBuffer(8 * length));
export const sharedInt32 = (length: number): Int32Array => new Int32Array(sharedBuffer(4 * length));
export const sharedUint32 = (length: number): Uint32Array => new Uint32Array(sharedBuffer(4 * length));

const ballast = new WeakMap<SharedArrayBuffer, ArrayBuffer>();

/**
 * V8 counts ordinary buffers when it decides to collect garbage, and shared ones not: without their weight dozens of fits leave
 * theirs behind. A buffer that lives as long has that weight; its pages are never touched, so it takes no memory.
 */
function sharedBuffer(bytes: number): SharedArrayBuffer {
  const buffer = new SharedArrayBuffer(bytes);
  ballast.set(buffer, new ArrayBuffer(bytes));
  return buffer;
}

type Shareable = Float32Array | Float64Array | Uint32Array | Int32Array | Uint16Array | Uint8Array | Int8Array;

export function isShared(array: Shareable): boolean {
  return types.isSharedArrayBuffer(array.buffer);
}

/** The array itself when it is shared already, else a shared copy. */
export function shared<A extends Shareable>(array: A): A {
  return isShared(array) ? array : sharedCopy(array);
}

/** A shared copy, always: of what must not change in the middle of a job. */
export function sharedCopy<A extends Shareable>(array: A): A {
  const copy = sharedRoom(array, array.length);
  copy.set(array);
  return copy;
}

/** Zeros of the type of another array. */
export function sharedRoom<A extends Shareable>(like: A, length: number): A {
  const buffer = sharedBuffer(like.BYTES_PER_ELEMENT * length);
  return new (like.constructor as new (buffer: SharedArrayBuffer) => A)(buffer);
}

/** Bytes in shared memory, as they are. */
export const sharedBytes = (length: number): Uint8Array => new Uint8Array(sharedBuffer(length));

const roomy = new WeakSet<ArrayBufferLike>();

/** Bytes in shared memory of their own, with room for as many more behind them; room that nobody uses takes no memory. */
export function sharedBytesWithRoom(length: number, room: number): Uint8Array {
  const buffer = sharedBuffer(length + room);
  roomy.add(buffer);
  return new Uint8Array(buffer, 0, length);
}

/** The array, and the room behind it where `sharedBytesWithRoom` left some. */
export function withRoom<A extends Shareable>(array: A): A {
  const { buffer, byteOffset, BYTES_PER_ELEMENT: bytes } = array;
  if (!roomy.has(buffer)) return array;
  const Values = array.constructor as new (buffer: ArrayBufferLike, offset: number, length: number) => A;
  return new Values(buffer, byteOffset, Math.floor((buffer.byteLength - byteOffset) / bytes));
}

/** A matrix whose values lie in shared memory: worth it when several jobs read it. */
export function sharedMatrix<V extends Float32Array | Float64Array>(matrix: Matrix<V>): Matrix<V> {
  return { ...matrix, values: shared(matrix.values) };
}

const copies = new WeakMap<Matrix, Matrix>();

/** The same shared copy of a matrix whenever it is asked for: of what many small jobs read. */
export function sharedOnce(matrix: Matrix): Matrix {
  const known = copies.get(matrix) ?? sharedMatrix(matrix);
  copies.set(matrix, known);
  return known;
}

/** The same numbers in float64. */
export function sharedDoubles({ rows, columns, values }: Matrix): Matrix<Float64Array> {
  const wide = sharedFloat64(values.length);
  wide.set(values);
  return { rows, columns, values: wide };
}

export function sharedZeros(rows: number, columns: number): Matrix {
  return { rows, columns, values: sharedFloat32(rows * columns) };
}

/** A sparse matrix whose arrays lie in shared memory: worth it when several jobs read it. */
export function sharedSparse(matrix: SparseMatrix): SparseMatrix {
  const { rows, columns, indptr, indices, values } = matrix;
  return { rows, columns, indptr: shared(indptr), indices: shared(indices), values: shared(values) };
}
