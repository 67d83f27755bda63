/**
 * safetensors: an unsigned 64-bit header length, a JSON header (name -> dtype, shape, byte range in the data; strings under
 * `__metadata__`) padded with spaces to 8 bytes, then the data without gaps. Wider elements come first, so that every
 * tensor is aligned. Little-endian. Reference: https://github.com/huggingface/safetensors#format
 */
import { TailrecError } from "../../errors.ts";
import type { Matrix, SparseMatrix } from "../../math/matrix.ts";
import { readHeader, TENSOR_ARRAYS, type TensorType } from "./safetensors-header.ts";

export type TensorValues = Float64Array | Float32Array | Uint32Array | Int32Array | Uint16Array | Uint8Array;

/** Row-major values; the product of `shape` is their number. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly values: TensorValues;
}

export interface Safetensors {
  readonly tensors: Readonly<Record<string, Tensor>>;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * The file as its header and views of the tensors' own memory, in order. The same content gives the same bytes, whatever the order of
 * the keys. Throws INVALID_ARGUMENT on a shape that does not fit.
 */
export function safetensorsParts(
  tensors: Safetensors["tensors"],
  metadata: Safetensors["metadata"] = {},
): readonly Uint8Array[] {
  const placed = Object.entries(tensors).sort(byWidthThenName);
  const header = layOut(placed, metadata);
  const headerLength = Buffer.byteLength(header);
  const head = Buffer.alloc(8 + Math.ceil(headerLength / 8) * 8, " ");
  head.writeBigUInt64LE(BigInt(head.length - 8));
  head.write(header, 8);
  const bytesOf = ([, { values }]: Named) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return [head, ...placed.map(bytesOf)];
}

/**
 * Tensors and metadata, in the memory of the bytes where they are aligned there, else copied. `name` names the file in messages. Throws
 * UNREADABLE_INPUT with the offset at fault.
 */
export function decodeSafetensors(bytes: Uint8Array, name: string): Safetensors {
  const { entries, metadata, start } = readHeader(bytes, name);
  const tensors = entries.map(([tensor, { dtype, shape, data_offsets }]) => {
    const [begin, end] = data_offsets;
    const values = valuesOf(dtype, bytes.subarray(start + begin, start + end));
    return [tensor, { shape, values }] as const;
  });
  return { tensors: Object.fromEntries(tensors), metadata };
}

export function tensorOf(matrix: Matrix | Matrix<Float64Array>): Tensor {
  return { shape: [matrix.rows, matrix.columns], values: matrix.values };
}

export function vectorTensor(values: TensorValues): Tensor {
  return { shape: [values.length], values };
}

/** A sparse matrix as tensors whose names begin with `name`. */
export function sparseTensors(name: string, matrix: SparseMatrix): Readonly<Record<string, Tensor>> {
  const { columns, indptr, indices, values } = matrix;
  return {
    [`${name}.columns`]: vectorTensor(Uint32Array.of(columns)),
    [`${name}.indptr`]: vectorTensor(indptr),
    [`${name}.indices`]: vectorTensor(indices),
    [`${name}.values`]: vectorTensor(values),
  };
}

/** The sparse matrix of `sparseTensors`. UNREADABLE_INPUT where its parts do not fit each other. */
export function sparseFrom(name: string, read: (tensor: string) => ArrayLike<number>): SparseMatrix {
  const columns = read(`${name}.columns`)[0];
  const indptr = uint32Values(read(`${name}.indptr`));
  const indices = uint32Values(read(`${name}.indices`));
  const values = float32Values(read(`${name}.values`));
  const rows = indptr.length - 1;
  const isRising = indptr.every((place, i) => i === 0 || place >= indptr[i - 1]);
  const fits = rows >= 0 && indptr[0] === 0 && isRising && indptr[rows] === indices.length;
  if (!fits || indices.length !== values.length || indices.some((column) => column >= columns)) {
    throw new TailrecError("UNREADABLE_INPUT", `the tensors "${name}" are not those of a sparse matrix`);
  }
  return { rows, columns, indptr, indices, values };
}

/** The numbers themselves where they are of that type already. */
export function uint32Values(values: ArrayLike<number>): Uint32Array {
  return values instanceof Uint32Array ? values : Uint32Array.from(values);
}

export function float32Values(values: ArrayLike<number>): Float32Array {
  return values instanceof Float32Array ? values : Float32Array.from(values);
}

/** The float32 matrix called `tensor`; throws UNREADABLE_INPUT when it is absent or something else. */
export function matrixNamed(file: Safetensors, tensor: string, name: string): Matrix {
  const { shape, values } = file.tensors[tensor] ?? { shape: [], values: undefined };
  if (shape.length !== 2 || !(values instanceof Float32Array)) {
    const known = Object.keys(file.tensors).join(", ");
    throw new TailrecError("UNREADABLE_INPUT", `${name}: expected a float32 matrix "${tensor}"; the file has ${known}`);
  }
  return { rows: shape[0], columns: shape[1], values };
}

type Named = readonly [string, Tensor];

interface ValuesConstructor {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): TensorValues;
}

/** The numbers in some bytes, in their memory where they are aligned there. */
export function valuesOf(type: TensorType, bytes: Uint8Array): TensorValues {
  const Values: ValuesConstructor = TENSOR_ARRAYS[type];
  const { buffer, byteOffset, length } =
    bytes.byteOffset % Values.BYTES_PER_ELEMENT === 0 ? bytes : new Uint8Array(bytes);
  return new Values(buffer, byteOffset, length / Values.BYTES_PER_ELEMENT);
}

function layOut(placed: readonly Named[], metadata: Safetensors["metadata"]): string {
  let end = 0;
  const entries = placed.map(([name, { shape, values }]) => {
    requireShape(name, shape, values.length);
    const begin = end;
    end += values.byteLength;
    return [name, { dtype: typeOf(values), shape, data_offsets: [begin, end] }] as const;
  });
  const sorted = Object.fromEntries(Object.entries(metadata).sort(byKey));
  const head = Object.keys(metadata).length === 0 ? [] : [["__metadata__", sorted] as const];
  return JSON.stringify(Object.fromEntries<unknown>([...head, ...entries]));
}

function requireShape(name: string, shape: readonly number[], length: number): void {
  const expected = shape.reduce((product, size) => product * size, 1);
  if (expected !== length) {
    throw new TailrecError(
      "INVALID_ARGUMENT",
      `tensor "${name}": expected ${expected} values for shape ${shape}, received ${length}`,
    );
  }
}

function typeOf(values: TensorValues): TensorType {
  const types = Object.keys(TENSOR_ARRAYS) as TensorType[];
  const type = types.find((candidate) => values instanceof TENSOR_ARRAYS[candidate]);
  if (type === undefined) {
    throw new TailrecError("INVALID_ARGUMENT", `expected values of a type among ${types.join(", ")}`);
  }
  return type;
}

function byWidthThenName(a: Named, b: Named): number {
  return b[1].values.BYTES_PER_ELEMENT - a[1].values.BYTES_PER_ELEMENT || byKey(a, b);
}

function byKey(a: readonly [string, unknown], b: readonly [string, unknown]): number {
  return a[0] < b[0] ? -1 : 1;
}
