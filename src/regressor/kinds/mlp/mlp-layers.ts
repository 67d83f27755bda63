/** The network's forward pass as layers: its members beside each other, their outputs averaged. */
import { dense, type LayerNode, layer } from "../../layers-part.ts";
import type { MlpMap, MlpWeights } from "./mlp-map.ts";

export function mlpLayers({ members, depth }: MlpMap): LayerNode[] {
  const outputs = members.map((_, m) => `member${m}_output`);
  const mean =
    outputs.length === 1
      ? layer("prior", "Activation", outputs, { activation: "linear" })
      : layer("prior", "Average", outputs);
  return [...members.flatMap((weights, m) => memberLayers(`member${m}`, weights, depth)), mean];
}

function memberLayers(prefix: string, weights: MlpWeights, depth: number): LayerNode[] {
  const at = (name: string) => `${prefix}_${name}`;
  const layers = Array.from({ length: depth }, (_, l) => [
    dense(at(`r${l}`), at(`u${l}`), weights[`inner${l}`], weights[`innerBias${l}`].values, "relu"),
    dense(at(`step${l}`), at(`r${l}`), weights[`outer${l}`]),
    layer(at(`u${l + 1}`), "Add", [at(`u${l}`), at(`step${l}`)]),
  ]);
  return [
    dense(at("u0"), "z", weights.project),
    ...layers.flat(),
    layer(at("top"), "Activation", [at(`u${depth}`)], { activation: "relu" }),
    dense(at("nonlinear"), at("top"), weights.head, weights.headBias.values),
    dense(at("linear"), "z", weights.skip),
    layer(at("output"), "Add", [at("nonlinear"), at("linear")]),
  ];
}
