/**
 * ONNX models written field by field, those included that tailrec itself never writes: other element types, weights in further files,
 * loops. Field numbers are those of onnx.proto.
 */

/** Element types by their numbers in onnx.proto. */
export const ELEMENTS = {
  float32: 1,
  uint8: 2,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  float64: 11,
} as const;

export type Element = keyof typeof ELEMENTS;

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  return [...bytes, Number(rest)];
}

export function number(field: number, value: number): Buffer {
  return Buffer.from([...varint(field * 8), ...varint(value)]);
}

export function bytes(field: number, ...parts: readonly (Uint8Array | string)[]): Buffer {
  const content = Buffer.concat(parts.map((part) => Buffer.from(part)));
  return Buffer.concat([Buffer.from([...varint(field * 8 + 2), ...varint(content.length)]), content]);
}

/** Undefined where a graph says nothing of a shape; null for a dimension without size and name. */
export type DeclaredShape = readonly (number | string | null)[] | undefined;

export function input(name: string, element: Element, shape: DeclaredShape): Buffer {
  return bytes(11, value(name, element, shape));
}

export function output(name: string, element: Element, shape: DeclaredShape): Buffer {
  return bytes(12, value(name, element, shape));
}

function value(name: string, element: Element, shape: DeclaredShape): Buffer {
  const type = [number(1, ELEMENTS[element]), ...(shape === undefined ? [] : [bytes(2, ...shape.map(dimensionOf))])];
  return Buffer.concat([bytes(1, name), bytes(2, bytes(1, ...type))]);
}

function dimensionOf(size: number | string | null): Buffer {
  if (size === null) return bytes(1);
  return bytes(1, typeof size === "number" ? number(1, size) : bytes(2, size));
}

/** Attributes are whole numbers, lists of them, or graphs. */
export type Attributes = Readonly<Record<string, number | readonly number[] | Uint8Array>>;

export function node(
  operator: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Attributes = {},
): Buffer {
  const written = Object.entries(attributes).map(([name, given]) => bytes(5, bytes(1, name), attribute(given)));
  return bytes(
    1,
    ...inputs.map((name) => bytes(1, name)),
    ...outputs.map((name) => bytes(2, name)),
    bytes(4, operator),
    ...written,
  );
}

function attribute(given: Attributes[string]): Buffer {
  if (typeof given === "number") return Buffer.concat([number(3, given), number(20, 2)]);
  if (given instanceof Uint8Array) return Buffer.concat([bytes(6, given), number(20, 5)]);
  return Buffer.concat([...given.map((each) => number(8, each)), number(20, 7)]);
}

export type TensorData = Float32Array | BigInt64Array | Int32Array | Uint8Array;

function elementOf(data: TensorData, element?: Element): number {
  if (element !== undefined) return ELEMENTS[element];
  if (data instanceof BigInt64Array) return ELEMENTS.int64;
  return data instanceof Int32Array ? ELEMENTS.int32 : ELEMENTS.float32;
}

/** An initializer with its values inside. */
export function tensor(name: string, shape: readonly number[], data: TensorData, element?: Element): Buffer {
  const raw = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const sizes = shape.map((size) => number(1, size));
  return bytes(5, ...sizes, number(2, elementOf(data, element)), bytes(8, name), bytes(9, raw));
}

/** A float32 initializer whose values lie in another file. */
export function externalTensor(name: string, shape: readonly number[], location: string): Buffer {
  const sizes = shape.map((size) => number(1, size));
  const entry = bytes(13, bytes(1, "location"), bytes(2, location));
  return bytes(5, ...sizes, number(2, ELEMENTS.float32), bytes(8, name), entry, number(14, 1));
}

/** A graph of nodes, tensors, inputs and outputs. */
export function graph(...parts: readonly Uint8Array[]): Buffer {
  return Buffer.concat([bytes(2, "test"), ...parts]);
}

export function model(...parts: readonly Uint8Array[]): Buffer {
  return Buffer.concat([number(1, 8), bytes(7, graph(...parts)), bytes(8, bytes(1, ""), number(2, 17))]);
}
