/** One ONNX Runtime session with fixed threads: opened from a file, run on named tensors, closed by its owner. */

import { TailrecError } from "../../errors.ts";
import { InferenceSession, type Tensor } from "../../math/onnx/onnx-runtime.ts";

export interface OnnxSession {
  readonly inputNames: readonly string[];
  /** Runs the graph; gives shape and values of one output, copied out of the runtime's memory. */
  run(feeds: Readonly<Record<string, Tensor>>): Promise<OnnxOutput>;
  close(): Promise<void>;
}

export interface OnnxOutput {
  readonly dimensions: readonly number[];
  readonly values: Float32Array;
}

/** Reads the named output, or the first where the name is null. MODEL_INVALID when the file is no ONNX model or has no such output. */
export async function openSession(path: string, output: string | null, threads: number): Promise<OnnxSession> {
  const session = await createSession(path, threads);
  const outputName = output ?? session.outputNames[0];
  if (!session.outputNames.includes(outputName)) {
    const { outputNames } = session;
    await session.release();
    throw new TailrecError(
      "MODEL_INVALID",
      `${path}: expected an output "${outputName}", the graph has ${outputNames.join(", ")}`,
    );
  }
  return {
    inputNames: session.inputNames,
    run: async (feeds) => copyOut(path, (await session.run(feeds, [outputName]))[outputName]),
    close: () => session.release(),
  };
}

/** A graph of which nothing is known yet. */
export interface OnnxProbe {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /** Shape of the first input; a name where a dimension is free. */
  readonly inputShape: readonly (number | string)[];
  /** Runs the graph; gives the shape of every float32 output. MODEL_INVALID when it cannot be run on these inputs. */
  shapes(feeds: Readonly<Record<string, Tensor>>): Promise<Record<string, readonly number[]>>;
  close(): Promise<void>;
}

/** MODEL_INVALID when the file is no ONNX model. */
export async function openGraph(path: string, threads: number): Promise<OnnxProbe> {
  const session = await createSession(path, threads);
  return {
    inputNames: session.inputNames,
    outputNames: session.outputNames,
    inputShape: shapeOf(session.inputMetadata[0]),
    shapes: async (feeds) => {
      const outputs = await session.run(feeds).catch((cause: unknown) => {
        const reason = cause instanceof Error ? cause.message : String(cause);
        throw new TailrecError("MODEL_INVALID", `${path}: a trial run failed: ${reason}`, { cause });
      });
      const vectors = Object.entries(outputs).filter(([, { type }]) => type === "float32");
      return Object.fromEntries(vectors.map(([name, { dims }]) => [name, dims]));
    },
    close: () => session.release(),
  };
}

function shapeOf(input: InferenceSession.ValueMetadata | undefined): readonly (number | string)[] {
  return input?.isTensor === true ? input.shape : [];
}

async function createSession(path: string, threads: number): Promise<InferenceSession> {
  const options: InferenceSession.SessionOptions = {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: "sequential",
    graphOptimizationLevel: "all",
    logSeverityLevel: 3,
  };
  try {
    return await InferenceSession.create(path, options);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new TailrecError("MODEL_INVALID", `${path}: ONNX Runtime cannot load it: ${reason}`, { cause });
  }
}

function copyOut(path: string, tensor: Tensor): OnnxOutput {
  if (!(tensor.data instanceof Float32Array)) {
    throw new TailrecError("MODEL_INVALID", `${path}: expected float32 output, received ${tensor.type}`);
  }
  return { dimensions: tensor.dims, values: tensor.data.slice() };
}
