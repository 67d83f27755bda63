/** One ONNX graph with fixed threads: opened from a file, run on named tensors, closed by its owner. */
import { TailrecError } from "../../errors.ts";
import { excerpt } from "../../excerpt.ts";
import { InferenceSession, type Tensor } from "../../math/onnx/onnx-runtime.ts";
import { loadFailure, runFailure } from "./graph-failure.ts";
import { floatsOf, isFloating } from "./tensor-values.ts";

/** An input or output as the graph declares it. */
export interface GraphValue {
  readonly name: string;
  /** Element type by ONNX Runtime's names; "none" for what is no tensor. */
  readonly type: string;
  /** A name where a dimension is free. */
  readonly shape: readonly (number | string)[];
}

export interface OnnxGraphSession {
  readonly path: string;
  readonly inputs: readonly GraphValue[];
  readonly outputs: readonly GraphValue[];
  /** Runs the graph for the named outputs. MODEL_INVALID when it fails on these inputs, with what the caller can advise. */
  run(feeds: Feeds, outputs: readonly string[], remedy: string): Promise<Readonly<Record<string, Tensor>>>;
  close(): Promise<void>;
}

export type Feeds = Readonly<Record<string, Tensor>>;

export interface OnnxOutput {
  readonly dimensions: readonly number[];
  readonly values: Float32Array;
}

/** Errors are ours to tell: the runtime writes none to the standard error of the process. */
const FATAL_ONLY = 4;

/** MODEL_INVALID when the file is no ONNX model that can be run. */
export async function openGraph(path: string, threads: number): Promise<OnnxGraphSession> {
  const session = await createSession(path, threads);
  return {
    path,
    inputs: session.inputMetadata.map(declared),
    outputs: session.outputMetadata.map(declared),
    run: async (feeds, outputs, remedy) =>
      session.run(feeds, outputs, { logSeverityLevel: FATAL_ONLY }).catch((cause: unknown) => {
        const shapes = Object.entries(feeds).map(([name, { dims }]) => [name, dims] as const);
        throw runFailure(path, Object.fromEntries(shapes), remedy, cause);
      }),
    close: () => session.release(),
  };
}

/** The output of that name, or the first where it is null. MODEL_INVALID when there is none, or none that holds vectors. */
export function outputNamed({ path, outputs }: OnnxGraphSession, name: string | null): string {
  const found = name === null ? outputs[0] : outputs.find((output) => output.name === name);
  if (found !== undefined && isFloating(found.type)) return found.name;
  const expected = name === null ? "an output" : `an output "${name}"`;
  throw new TailrecError(
    "MODEL_INVALID",
    `${path}: expected ${expected} of float32, float64 or float16, the graph has ${describeValues(outputs)}; correct outputName in the manifest, or export it again`,
  );
}

/** Runs the graph and reads one output that `outputNamed` has found. */
export async function runFor(
  graph: OnnxGraphSession,
  output: string,
  feeds: Feeds,
  remedy: string,
): Promise<OnnxOutput> {
  const tensor = (await graph.run(feeds, [output], remedy))[output];
  return { dimensions: tensor.dims, values: floatsOf(tensor) };
}

/** A dimension where the graph fixes it. */
export function fixedSize(dimension: number | string | undefined): number | undefined {
  return typeof dimension === "number" && dimension > 0 ? dimension : undefined;
}

/** Inputs or outputs in a message: "input_ids int64 batch x sequence". */
export function describeValues(values: readonly GraphValue[]): string {
  const each = values.map(({ name, type, shape }) => `${name} ${type} ${shape.join(" x ")}`.trim());
  return excerpt(each.join(", "), 400);
}

function declared(value: InferenceSession.ValueMetadata): GraphValue {
  return value.isTensor
    ? { name: value.name, type: value.type, shape: value.shape }
    : { name: value.name, type: "none", shape: [] };
}

async function createSession(path: string, threads: number): Promise<InferenceSession> {
  const options: InferenceSession.SessionOptions = {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: "sequential",
    graphOptimizationLevel: "all",
    logSeverityLevel: FATAL_ONLY,
  };
  try {
    return await InferenceSession.create(path, options);
  } catch (cause) {
    throw loadFailure(path, cause);
  }
}
