/** Typed arrays in shared memory, so that worker threads read and write them without copies. */
import type { Matrix } from "../matrix.ts";

export const sharedFloat32 = (length: number): Float32Array => new Float32Array(new SharedArrayBuffer(4 * length));
export const sharedFloat64 = (length: number): Float64Array => new Float64Array(new SharedArrayBuffer(8 * length));
export const sharedInt32 = (length: number): Int32Array => new Int32Array(new SharedArrayBuffer(4 * length));

type Shareable = Float32Array | Float64Array | Uint32Array | Int32Array | Uint8Array;

/** The array itself when it is shared already, else a shared copy. */
export function shared<A extends Shareable>(array: A): A {
  if (array.buffer instanceof SharedArrayBuffer) return array;
  const buffer = new SharedArrayBuffer(array.byteLength);
  const copy = new (array.constructor as new (buffer: SharedArrayBuffer) => A)(buffer);
  copy.set(array);
  return copy;
}

/** A matrix whose values lie in shared memory: worth it when the same matrix is searched many times. */
export function sharedMatrix(matrix: Matrix): Matrix {
  return { ...matrix, values: shared(matrix.values) };
}
