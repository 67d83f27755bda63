/**
 * One training step of the network's trunk (mlp-map.ts) as an ONNX graph: forward, squared error and all gradients, written out by the chain rule.
 *   inputs   z [n, w], target [n, k], weight [n, 1], mask0..maskL [n, H] (0 or 1 / (1 - dropout)), every matrix of the trunk, and skip
 *   outputs  loss = sum_i v_i |f(z_i) - y_i|^2, and d.<name> for every matrix
 * The step of a rectified unit is the sign of its output.
 */
import { floatTensor, type OnnxNode, type OnnxValue, onnxModel } from "../../../math/onnx/onnx-graph.ts";
import { trunkNames } from "./mlp-map.ts";

export interface MlpShape {
  /** Columns of z. */
  readonly inputs: number;
  readonly width: number;
  readonly depth: number;
  /** k. */
  readonly outputs: number;
}

/** Rows and columns of a matrix of the trunk. */
export function mlpDimensions(name: string, { inputs, width, outputs }: MlpShape): readonly [number, number] {
  if (name === "project") return [inputs, width];
  if (name === "head") return [width, outputs];
  if (name === "headBias") return [1, outputs];
  return name.startsWith("innerBias") ? [1, width] : [width, width];
}

/** The bytes of the graph. */
export function mlpStepGraph(shape: MlpShape): Uint8Array {
  const { inputs, width, depth, outputs } = shape;
  const names = trunkNames(depth);
  const value = (name: string, dimensions: readonly (number | string)[]): OnnxValue => ({
    name,
    element: "float32",
    dimensions,
  });
  return onnxModel({
    name: "tailrec-mlp-step",
    inputs: [
      value("z", ["n", inputs]),
      value("target", ["n", outputs]),
      value("weight", ["n", 1]),
      ...Array.from({ length: depth + 1 }, (_, l) => value(`mask${l}`, ["n", width])),
      ...names.map((name) => value(name, mlpDimensions(name, shape))),
      value("skip", [inputs, outputs]),
    ],
    outputs: [value("loss", [1, 1]), ...names.map((name) => value(`d.${name}`, mlpDimensions(name, shape)))],
    nodes: [...forwardNodes(depth), ...lossNodes(), ...backwardNodes(depth)],
    initializers: [
      floatTensor("two", [1], Float32Array.of(2)),
      { name: "rows", dimensions: [1], data: BigInt64Array.of(0n) },
    ],
  });
}

const op = (operator: string, output: string, ...inputs: string[]): OnnxNode => ({
  operator,
  inputs,
  outputs: [output],
});

/** A'B and A B', of matrices. */
const left = (output: string, a: string, b: string): OnnxNode => ({
  ...op("Gemm", output, a, b),
  attributes: { transA: 1 },
});
const right = (output: string, a: string, b: string): OnnxNode => ({
  ...op("Gemm", output, a, b),
  attributes: { transB: 1 },
});

function forwardNodes(depth: number): OnnxNode[] {
  const layers = Array.from({ length: depth }, (_, l) => [
    op("Gemm", `a${l}`, `u${l}`, `inner${l}`, `innerBias${l}`),
    op("Relu", `r${l}`, `a${l}`),
    op("Mul", `m${l}`, `r${l}`, `mask${l}`),
    op("Gemm", `u${l + 1}`, `m${l}`, `outer${l}`, `u${l}`),
  ]);
  return [
    op("Gemm", "u0", "z", "project"),
    ...layers.flat(),
    op("Relu", "top", `u${depth}`),
    op("Mul", "kept", "top", `mask${depth}`),
    op("Gemm", "nonlinear", "kept", "head", "headBias"),
    op("Gemm", "f", "z", "skip", "nonlinear"),
  ];
}

function lossNodes(): OnnxNode[] {
  return [
    op("Sub", "error", "f", "target"),
    op("Mul", "weighted", "error", "weight"),
    op("Mul", "squares", "weighted", "error"),
    op("ReduceSum", "loss", "squares"),
    op("Mul", "df", "weighted", "two"),
  ];
}

function backwardNodes(depth: number): OnnxNode[] {
  const layers = Array.from({ length: depth }, (_, back) => depth - 1 - back).map((l) => [
    left(`d.outer${l}`, `m${l}`, `du${l + 1}`),
    right(`dm${l}`, `du${l + 1}`, `outer${l}`),
    op("Mul", `dr${l}`, `dm${l}`, `mask${l}`),
    op("Sign", `on${l}`, `r${l}`),
    op("Mul", `da${l}`, `dr${l}`, `on${l}`),
    left(`d.inner${l}`, `u${l}`, `da${l}`),
    columnSums(`d.innerBias${l}`, `da${l}`),
    { ...op("Gemm", `du${l}`, `da${l}`, `inner${l}`, `du${l + 1}`), attributes: { transB: 1 } },
  ]);
  return [
    left("d.head", "kept", "df"),
    columnSums("d.headBias", "df"),
    right("dkept", "df", "head"),
    op("Mul", "dtop", "dkept", `mask${depth}`),
    op("Sign", "on", "top"),
    op("Mul", `du${depth}`, "dtop", "on"),
    ...layers.flat(),
    left("d.project", "z", "du0"),
  ];
}

/** 1'A: 1 x columns. */
function columnSums(output: string, a: string): OnnxNode {
  return op("ReduceSum", output, a, "rows");
}
