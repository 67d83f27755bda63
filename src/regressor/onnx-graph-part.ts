/** Pieces of the exported graph: what the kinds of regressors write alike. */
import type { Matrix } from "../math/matrix.ts";
import { floatTensor, type OnnxNode, type OnnxTensor, type OnnxValue } from "../math/onnx/onnx-graph.ts";

export interface GraphPart {
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  /** Beside `features` and `presence`. */
  readonly inputs?: readonly OnnxValue[];
}

export function node(
  operator: string,
  output: string,
  inputs: readonly string[],
  attributes?: OnnxNode["attributes"],
): OnnxNode {
  return { operator, inputs, outputs: [output], attributes };
}

export function joined(parts: readonly GraphPart[]): GraphPart {
  return {
    nodes: parts.flatMap(({ nodes }) => nodes),
    initializers: parts.flatMap(({ initializers }) => initializers),
  };
}

export function matrixTensor(name: string, { rows, columns, values }: Matrix): OnnxTensor {
  return floatTensor(name, [rows, columns], values);
}

export function scalar(name: string, value: number): OnnxTensor {
  return floatTensor(name, [1], Float32Array.of(value));
}

/** `output` = columns `offset` to `offset + dimension` of `input`. */
export function sliceColumns(output: string, input: string, offset: number, dimension: number): GraphPart {
  const bound = (name: string, value: number): OnnxTensor => ({
    name: `${output}.${name}`,
    dimensions: [1],
    data: BigInt64Array.of(BigInt(value)),
  });
  return {
    nodes: [node("Slice", output, [input, `${output}.from`, `${output}.to`, `${output}.axis`])],
    initializers: [bound("from", offset), bound("to", offset + dimension), bound("axis", 1)],
  };
}

/** `output` = the rows of `input` over their length; zero rows stay zero (a squared length below 1e-30 counts as zero). */
export function unitRowNodes(output: string, input: string): GraphPart {
  return {
    nodes: [
      node("ReduceSumSquare", `${output}.square`, [input], { axes: [1], keepdims: 1 }),
      node("Max", `${output}.floor`, [`${output}.square`, `${output}.least`]),
      node("Sqrt", `${output}.length`, [`${output}.floor`]),
      node("Div", output, [input, `${output}.length`]),
    ],
    initializers: [scalar(`${output}.least`, 1e-30)],
  };
}
