/** The network's forward pass as a graph: its members beside each other, their outputs averaged. */
import { type GraphPart, joined, matrixTensor, node, scalar } from "../../onnx-graph-part.ts";
import { type MlpMap, type MlpWeights, mlpNames } from "./mlp-map.ts";

export function mlpGraph({ members, depth }: MlpMap): GraphPart {
  const outputs = members.map((_, m) => `member${m}.output`);
  const mean: GraphPart = {
    nodes: [node("Sum", "total", outputs), node("Div", "prior", ["total", "members"])],
    initializers: [scalar("members", members.length)],
  };
  return joined([...members.map((weights, m) => memberGraph(`member${m}`, weights, depth)), mean]);
}

function memberGraph(prefix: string, weights: MlpWeights, depth: number): GraphPart {
  const at = (name: string) => `${prefix}.${name}`;
  const layers = Array.from({ length: depth }, (_, l) => [
    node("Gemm", at(`a${l}`), [at(`u${l}`), at(`inner${l}`), at(`innerBias${l}`)]),
    node("Relu", at(`r${l}`), [at(`a${l}`)]),
    node("Gemm", at(`u${l + 1}`), [at(`r${l}`), at(`outer${l}`), at(`u${l}`)]),
  ]);
  return {
    nodes: [
      node("MatMul", at("u0"), ["z", at("project")]),
      ...layers.flat(),
      node("Relu", at("top"), [at(`u${depth}`)]),
      node("Gemm", at("nonlinear"), [at("top"), at("head"), at("headBias")]),
      node("Gemm", at("output"), ["z", at("skip"), at("nonlinear")]),
    ],
    initializers: mlpNames(depth).map((name) => matrixTensor(at(name), weights[name])),
  };
}
