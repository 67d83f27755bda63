/**
 * The regressor as an ONNX graph with its standardisation inside, for serving without tailrec:
 *   inputs  features [n, d] (raw blocks, zeros where missing), presence [n, blocks] (1 or 0)
 *   output  prior [n, k] = [ (features - mean) * scale * (presence E), presence ] W + intercept,
 * where E spreads a presence bit over the columns of its block.
 */
import type { FeatureBlock } from "../data/feature-matrix.ts";
import { floatTensor, type OnnxNode, onnxModel } from "../math/onnx-graph.ts";
import type { Regressor } from "./regressor.ts";

/** The bytes of an ONNX model file. */
export function regressorToOnnx({ standardisation, weights, intercept }: Regressor): Uint8Array {
  const { blocks, mean, scale } = standardisation;
  const d = mean.length;
  const k = weights.columns;
  const nodes: OnnxNode[] = [
    { operator: "Sub", inputs: ["features", "mean"], outputs: ["centred"] },
    { operator: "Mul", inputs: ["centred", "scale"], outputs: ["scaled"] },
    { operator: "MatMul", inputs: ["presence", "spread"], outputs: ["mask"] },
    { operator: "Mul", inputs: ["scaled", "mask"], outputs: ["masked"] },
    { operator: "Concat", inputs: ["masked", "presence"], outputs: ["inputs"], attributes: { axis: 1 } },
    { operator: "MatMul", inputs: ["inputs", "weights"], outputs: ["product"] },
    { operator: "Add", inputs: ["product", "intercept"], outputs: ["prior"] },
  ];
  return onnxModel({
    name: "tailrec-regressor",
    inputs: [
      { name: "features", element: "float32", dimensions: ["items", d] },
      { name: "presence", element: "float32", dimensions: ["items", blocks.length] },
    ],
    outputs: [{ name: "prior", element: "float32", dimensions: ["items", k] }],
    nodes,
    initializers: [
      floatTensor("mean", [d], mean),
      floatTensor("scale", [d], scale),
      floatTensor("spread", [blocks.length, d], spreadMatrix(blocks, d)),
      floatTensor("weights", [weights.rows, k], weights.values),
      floatTensor("intercept", [k], intercept),
    ],
    metadata: { blocks: JSON.stringify(blocks) },
  });
}

function spreadMatrix(blocks: readonly FeatureBlock[], d: number): Float32Array {
  const spread = new Float32Array(blocks.length * d);
  for (const [b, { offset, dimension }] of blocks.entries()) spread.fill(1, b * d + offset, b * d + offset + dimension);
  return spread;
}
