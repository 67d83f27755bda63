/**
 * Builds and serialises ONNX graphs: typed records in, the bytes of a model file out. IR version 8 with operator set 17,
 * which every ONNX Runtime since 1.14 reads; names are checked here, shapes and types by the runtime that loads the model.
 */
import { TailrecError } from "../../errors.ts";
import { modelMessage } from "./onnx-schema.ts";

export type OnnxTensorData = Float32Array | Int8Array | Int32Array | BigInt64Array;
export type OnnxElement = "float32" | "int8" | "int32" | "int64";

/** A dimension is a size, or a name where it is free (e.g. "batch"). */
export interface OnnxValue {
  readonly name: string;
  readonly element: OnnxElement;
  readonly dimensions: readonly (number | string)[];
}

export interface OnnxTensor {
  readonly name: string;
  /** Empty for a scalar. */
  readonly dimensions: readonly number[];
  readonly data: OnnxTensorData;
}

/** Numbers are integer attributes; floats are written `{ float: x }`. */
export type OnnxAttribute = number | string | readonly number[] | { readonly float: number };

export interface OnnxNode {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
}

export interface OnnxGraph {
  readonly name: string;
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  /** In topological order. */
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  readonly metadata?: Readonly<Record<string, string>>;
}

const IR_VERSION = 8;
const OPERATOR_SET = 17;
const ELEMENT_CODES = { float32: 1, int8: 3, int32: 6, int64: 7 } as const satisfies Record<OnnxElement, number>;
const ATTRIBUTE_FLOAT = 1;
const ATTRIBUTE_INTEGER = 2;
const ATTRIBUTE_STRING = 3;
const ATTRIBUTE_INTEGERS = 7;

/** The bytes of an ONNX model file. INVALID_ARGUMENT when a tensor's data do not fit its dimensions or a name is read before it is defined. */
export function onnxModel(graph: OnnxGraph): Uint8Array {
  checkNames(graph);
  const model = {
    irVersion: IR_VERSION,
    producerName: "tailrec",
    opsetImport: [{ domain: "", version: OPERATOR_SET }],
    metadataProps: Object.entries(graph.metadata ?? {}).map(([key, value]) => ({ key, value })),
    graph: {
      name: graph.name,
      node: graph.nodes.map(nodeMessage),
      initializer: graph.initializers.map(tensorMessage),
      input: graph.inputs.map(valueMessage),
      output: graph.outputs.map(valueMessage),
    },
  };
  // protobufjs hands out views of a pooled buffer; a copy of exactly the message is what callers write and hash.
  return Uint8Array.from(modelMessage.encode(model).finish());
}

/** A float32 initializer. */
export function floatTensor(name: string, dimensions: readonly number[], data: Float32Array): OnnxTensor {
  return { name, dimensions, data };
}

function nodeMessage(node: OnnxNode) {
  return {
    input: node.inputs,
    output: node.outputs,
    name: node.outputs[0],
    opType: node.operator,
    attribute: Object.entries(node.attributes ?? {}).map(([name, value]) => ({ name, ...attributeValue(value) })),
  };
}

function attributeValue(value: OnnxAttribute) {
  if (typeof value === "number") return { type: ATTRIBUTE_INTEGER, i: value };
  if (typeof value === "string") return { type: ATTRIBUTE_STRING, s: new TextEncoder().encode(value) };
  if ("float" in value) return { type: ATTRIBUTE_FLOAT, f: value.float };
  return { type: ATTRIBUTE_INTEGERS, ints: value };
}

function tensorMessage({ name, dimensions, data }: OnnxTensor) {
  const expected = dimensions.reduce((product, size) => product * size, 1);
  if (expected !== data.length) {
    const shape = dimensions.join(" x ");
    throw new TailrecError(
      "INVALID_ARGUMENT",
      `tensor ${name}: expected ${expected} values (${shape}), received ${data.length}`,
    );
  }
  const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { name, dims: dimensions, dataType: elementCode(data), rawData };
}

function elementCode(data: OnnxTensorData): number {
  if (data instanceof Float32Array) return ELEMENT_CODES.float32;
  if (data instanceof Int8Array) return ELEMENT_CODES.int8;
  return data instanceof Int32Array ? ELEMENT_CODES.int32 : ELEMENT_CODES.int64;
}

function valueMessage({ name, element, dimensions }: OnnxValue) {
  const dim = dimensions.map((size) => (typeof size === "number" ? { dimValue: size } : { dimParam: size }));
  return { name, type: { tensorType: { elemType: ELEMENT_CODES[element], shape: { dim } } } };
}

/** Every name is defined once, before it is read; "" stands for an absent optional input. */
function checkNames(graph: OnnxGraph): void {
  const defined = new Set([""]);
  const define = (name: string): void => {
    if (defined.has(name))
      throw new TailrecError("INVALID_ARGUMENT", `graph ${graph.name}: "${name}" is defined twice`);
    defined.add(name);
  };
  const read = (name: string, reader: string): void => {
    if (defined.has(name)) return;
    throw new TailrecError(
      "INVALID_ARGUMENT",
      `graph ${graph.name}: ${reader} reads "${name}", which nothing before it defines`,
    );
  };
  for (const { name } of [...graph.inputs, ...graph.initializers]) define(name);
  for (const node of graph.nodes) {
    for (const name of node.inputs) read(name, node.operator);
    for (const name of node.outputs) define(name);
  }
  for (const { name } of graph.outputs) read(name, "the output list");
}
