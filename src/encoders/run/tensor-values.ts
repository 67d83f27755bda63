/**
 * Numbers as tensors of the element type that a graph asks for, and its outputs as float32. Exports of one encoder differ in nothing
 * but these types: ids of 64 or 32 bits, vectors of single or half precision.
 */
import { floatsOfHalves, halvesOfFloats } from "../../math/half-float.ts";
import { Tensor } from "../../math/onnx/onnx-runtime.ts";

type TensorMaker = (values: ArrayLike<number>, dimensions: readonly number[]) => Tensor;

/** Element types that inputs may have, by ONNX Runtime's names. */
const MAKERS: Readonly<Record<string, TensorMaker>> = {
  float32: (values, dimensions) => new Tensor("float32", new Float32Array(values), dimensions),
  float64: (values, dimensions) => new Tensor("float64", new Float64Array(values), dimensions),
  float16: (values, dimensions) => new Tensor("float16", halvesOfFloats(new Float32Array(values)), dimensions),
  int64: (values, dimensions) => new Tensor("int64", BigInt64Array.from(values, whole), dimensions),
  int32: (values, dimensions) => new Tensor("int32", new Int32Array(values), dimensions),
  int16: (values, dimensions) => new Tensor("int16", new Int16Array(values), dimensions),
  int8: (values, dimensions) => new Tensor("int8", new Int8Array(values), dimensions),
  uint8: (values, dimensions) => new Tensor("uint8", new Uint8Array(values), dimensions),
  bool: (values, dimensions) => new Tensor("bool", new Uint8Array(values), dimensions),
};

const FLOATS = new Set(["float32", "float64", "float16"]);

/** Whether numbers can be given to an input of the type. */
export function isNumeric(type: string): boolean {
  return type in MAKERS;
}

/** Whether vectors can be read from an output of the type. */
export function isFloating(type: string): boolean {
  return FLOATS.has(type);
}

/** A tensor of one of the types that `isNumeric` allows. */
export function tensorOf(type: string, values: ArrayLike<number>, dimensions: readonly number[]): Tensor {
  return MAKERS[type](values, dimensions);
}

/** The values of a tensor of one of the types that `isFloating` allows, copied out of the runtime's memory. */
export function floatsOf({ type, data }: Tensor): Float32Array {
  if (data instanceof Float32Array) return data.slice();
  if (type === "float16" && ArrayBuffer.isView(data)) {
    // Words, or where JavaScript knows such numbers an array of them over the same words.
    return floatsOfHalves(new Uint16Array(data.buffer, data.byteOffset, data.length));
  }
  return data instanceof Float64Array ? Float32Array.from(data) : new Float32Array(0);
}

function whole(value: number): bigint {
  return BigInt(value);
}
