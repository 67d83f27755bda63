/** Nearest neighbours as a graph: exact cosines, TopK (ties by lower row), and the similarity-weighted mean of their factors. */
import { transpose } from "../../../math/linear-map.ts";
import { floatTensor } from "../../../math/onnx/onnx-graph.ts";
import {
  type GraphPart,
  joined,
  matrixTensor,
  node,
  scalar,
  sliceColumns,
  unitRowNodes,
} from "../../onnx-graph-part.ts";
import type { KnnMap } from "./knn-map.ts";

export function knnGraph(map: KnnMap): GraphPart {
  return joined([similarityGraph(map), blendGraph(map)]);
}

/** `cosines`: items x landmarks. */
function similarityGraph({ blocks, landmarks }: KnnMap): GraphPart {
  const parts = blocks.flatMap(({ offset, dimension, weight }, b) => [
    sliceColumns(`block${b}`, "masked", offset, dimension),
    unitRowNodes(`unit${b}`, `block${b}`),
    {
      nodes: [node("Mul", `weighted${b}`, [`unit${b}`, `weight${b}`])],
      initializers: [scalar(`weight${b}`, weight)],
    },
  ]);
  const row: GraphPart = {
    nodes: [
      node(
        "Concat",
        "mixed",
        blocks.map((_, b) => `weighted${b}`),
        { axis: 1 },
      ),
    ],
    initializers: [],
  };
  const product: GraphPart = {
    nodes: [node("MatMul", "cosines", ["content", "landmarks"])],
    initializers: [matrixTensor("landmarks", transpose(landmarks))],
  };
  return joined([...parts, row, unitRowNodes("content", "mixed"), product]);
}

/** [w, r] [h; mean] over the sum of [w, r], w = max(0, cosine) trust of the nearest: a matrix product per item. */
function blendGraph({ landmarks, factors, trust, mean, neighbours, shrinkage }: KnnMap): GraphPart {
  const integers = (name: string, ...values: number[]) => ({
    name,
    dimensions: [values.length],
    data: BigInt64Array.from(values, BigInt),
  });
  const shrunk = Float32Array.from(mean, (value) => shrinkage * value);
  return {
    nodes: [
      { operator: "TopK", inputs: ["cosines", "count"], outputs: ["nearest", "rows"], attributes: { axis: 1 } },
      node("Relu", "positive", ["nearest"]),
      node("Gather", "nearestTrust", ["trust", "rows"]),
      node("Mul", "shares", ["positive", "nearestTrust"]),
      node("Gather", "nearestFactors", ["factors", "rows"]),
      node("Unsqueeze", "sharesRow", ["shares", "one"]),
      node("MatMul", "sumsRow", ["sharesRow", "nearestFactors"]),
      node("Squeeze", "sums", ["sumsRow", "one"]),
      node("Add", "withMean", ["sums", "shrunkMean"]),
      node("ReduceSum", "total", ["shares", "one"]),
      node("Add", "withShrinkage", ["total", "shrinkage"]),
      node("Div", "prior", ["withMean", "withShrinkage"]),
    ],
    initializers: [
      integers("count", Math.min(neighbours, landmarks.rows)),
      integers("one", 1),
      floatTensor("trust", [trust.length], trust),
      matrixTensor("factors", factors),
      floatTensor("shrunkMean", [shrunk.length], shrunk),
      scalar("shrinkage", shrinkage),
    ],
  };
}
