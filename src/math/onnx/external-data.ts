/**
 * The files that an ONNX model keeps tensors in (external data), read from the model file alone: every `location` that a tensor names,
 * in the graph, in graphs within its nodes, in functions and in training graphs. Field numbers are those of onnx.proto.
 */
import { closeSync, fstatSync, openSync } from "node:fs";
import { type ByteRange, type ByteSource, fieldsOf, fileSource } from "./wire-fields.ts";

/** Where messages with tensors stand in one another: by kind, the kind that each field holds. */
const INNER = {
  model: { 7: "graph", 20: "training", 25: "function" },
  graph: { 1: "node", 5: "tensor", 15: "sparse" },
  training: { 1: "graph", 2: "graph" },
  function: { 7: "node", 11: "attribute" },
  node: { 5: "attribute" },
  attribute: { 5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse" },
  sparse: { 1: "tensor", 2: "tensor" },
  tensor: { 13: "entry" },
  entry: {},
} as const satisfies Record<string, Readonly<Record<number, string>>>;

type Kind = keyof typeof INNER;

const KEY = 1;
const VALUE = 2;

/** Graphs within graphs; deeper ones are made to exhaust their reader. */
const DEEPEST = 200;

/**
 * The locations as the model names them, each once, in file order: paths from the model's folder. Undefined when the file is no ONNX
 * model. Errors of the system pass through.
 */
export function externalData(path: string): string[] | undefined {
  const descriptor = openSync(path, "r");
  try {
    const locations = locationsIn(fileSource(descriptor), "model", { begin: 0, end: fstatSync(descriptor).size }, 0);
    return [...new Set(locations)];
  } catch (cause) {
    if (cause instanceof Error && "code" in cause) throw cause;
    return undefined;
  } finally {
    closeSync(descriptor);
  }
}

function* locationsIn(source: ByteSource, kind: Kind, range: ByteRange, depth: number): Generator<string> {
  if (depth > DEEPEST) throw new Error("too many graphs within graphs");
  if (kind === "entry") {
    yield* locationOf(source, range);
    return;
  }
  const inner: Readonly<Record<number, Kind>> = INNER[kind];
  for (const field of fieldsOf(source, range)) {
    const next = inner[field.number];
    if (next !== undefined) yield* locationsIn(source, next, field, depth + 1);
  }
}

/** The value of an entry whose key is "location". */
function locationOf(source: ByteSource, range: ByteRange): string[] {
  const texts = new Map<number, string>();
  for (const field of fieldsOf(source, range)) texts.set(field.number, Buffer.from(source(field)).toString("utf8"));
  return texts.get(KEY) === "location" ? [texts.get(VALUE) ?? ""] : [];
}
