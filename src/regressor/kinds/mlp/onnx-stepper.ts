/**
 * Steps of the network by ONNX Runtime, which runs the graph of mlp-step-graph.ts. It is given one thread: the bytes of a net must not
 * depend on how a machine cuts its sums.
 */
import { TailrecError } from "../../../errors.ts";
import type { Matrix } from "../../../math/matrix.ts";
import { InferenceSession, Tensor } from "../../../math/onnx/onnx-runtime.ts";
import type { MlpStepper } from "./mlp-engine.ts";
import { type MlpShape, mlpStepGraph } from "./mlp-step-graph.ts";

/** A session of the step's graph. */
export async function openStepper(shape: MlpShape): Promise<MlpStepper> {
  const session = await InferenceSession.create(mlpStepGraph(shape), {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: "sequential",
    graphOptimizationLevel: "all",
    logSeverityLevel: 3,
  });
  const step: MlpStepper["step"] = async ({ x, y, weights: shares }, masks, weights, skip) => {
    const weight = { rows: x.rows, columns: 1, values: Float32Array.from(shares) };
    const feeds: Record<string, Matrix> = { ...weights, skip, z: x, target: y, weight };
    for (const [l, mask] of masks.entries()) feeds[`mask${l}`] = mask;
    const outputs = await session.run(Object.fromEntries(Object.entries(feeds).map(([name, m]) => [name, tensor(m)])));
    const gradients = Object.keys(weights).map((name) => [name, floats(outputs[`d.${name}`])]);
    return { loss: floats(outputs.loss)[0], gradients: Object.fromEntries(gradients) };
  };
  return { step, close: () => session.release() };
}

function tensor({ rows, columns, values }: Matrix): Tensor {
  return new Tensor("float32", values, [rows, columns]);
}

function floats({ data }: Tensor): Float32Array {
  if (data instanceof Float32Array) return data;
  throw new TailrecError("INTERNAL", "the network's gradients are not float32; please report it");
}
