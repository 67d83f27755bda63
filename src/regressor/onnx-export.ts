/**
 * The regressor as an ONNX graph with its standardisation inside, for serving without tailrec:
 *   inputs  features [n, d] (raw blocks, zeros where missing), presence [n, blocks] (1 or 0)
 *           and for a map that reads sparse rows: entries [n, length] (columns of the terms), entryValues [n, length] (0 fills
 *           up a shorter row)
 *   output  prior [n, k] = f([ (features - mean) * scale * (presence E), presence ]),
 * where E spreads a presence bit over the columns of its block.
 */
import type { FeatureBlock } from "../data/feature-matrix.ts";
import { TailrecError } from "../errors.ts";
import { floatTensor, onnxModel } from "../math/onnx/onnx-graph.ts";
import { type GraphPart, node } from "./onnx-graph-part.ts";
import type { Regressor } from "./regressor.ts";
import type { RegressorKind } from "./regressor-kind.ts";

/** Whether the regressor can be written as a graph: a kernel on sparse rows cannot. */
export function hasOnnxGraph({ implementation, ...map }: Regressor): boolean {
  return implementation.onnx !== undefined && (implementation.hasGraph?.(map) ?? true);
}

/** The bytes of an ONNX model file. INVALID_ARGUMENT for a kind, or a map, without a graph. */
export function regressorToOnnx(regressor: Regressor): Uint8Array {
  const write = requireGraph(regressor.implementation);
  if (!hasOnnxGraph(regressor)) throw withoutGraph(regressor);
  const { blocks } = regressor.standardisation;
  const [front, map] = [standardisationGraph(regressor.standardisation), write(regressor)];
  return onnxModel({
    name: "tailrec-regressor",
    inputs: [
      { name: "features", element: "float32", dimensions: ["items", regressor.standardisation.mean.length] },
      { name: "presence", element: "float32", dimensions: ["items", blocks.length] },
      ...(map.inputs ?? []),
    ],
    outputs: [{ name: "prior", element: "float32", dimensions: ["items", regressor.residualVariance.length] }],
    nodes: [...front.nodes, ...map.nodes],
    initializers: [...front.initializers, ...map.initializers],
    metadata: { blocks: JSON.stringify(blocks), kind: regressor.kind },
  });
}

/** From `features` and `presence` to `centred` features of the right scale, masked, and `z` with the bits beside them. */
function standardisationGraph({ blocks, mean, scale }: Regressor["standardisation"]): GraphPart {
  const d = mean.length;
  return {
    nodes: [
      node("Sub", "centred", ["features", "mean"]),
      node("Mul", "scaled", ["centred", "scale"]),
      node("MatMul", "mask", ["presence", "spread"]),
      node("Mul", "masked", ["scaled", "mask"]),
      node("Concat", "z", ["masked", "presence"], { axis: 1 }),
    ],
    initializers: [
      floatTensor("mean", [d], mean),
      floatTensor("scale", [d], scale),
      floatTensor("spread", [blocks.length, d], spreadMatrix(blocks, d)),
    ],
  };
}

function withoutGraph({ kind }: Regressor): TailrecError {
  const remedy = "fit kind: ridge, whose graph takes the rows as columns and values, where one is needed";
  return new TailrecError("INVALID_ARGUMENT", `a ${kind} on sparse rows of features has no ONNX graph; ${remedy}`);
}

/** What writes a map of the kind as a graph. INVALID_ARGUMENT where the kind has nothing of the sort. */
export function requireGraph(kind: RegressorKind): (map: object) => GraphPart {
  const { name, onnx } = kind;
  if (onnx !== undefined) return (map) => onnx.call(kind, map);
  throw new TailrecError("INVALID_ARGUMENT", `the regressor kind "${name}" has no ONNX graph; give it \`onnx\``);
}

/** E: blocks x d, 1 where a column is of the block. */
export function spreadMatrix(blocks: readonly FeatureBlock[], d: number): Float32Array {
  const spread = new Float32Array(blocks.length * d);
  for (const [b, { offset, dimension }] of blocks.entries()) spread.fill(1, b * d + offset, b * d + offset + dimension);
  return spread;
}
