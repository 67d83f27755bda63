/** Pieces of the exported layers model: what the kinds of regressors write alike. Layers are those of Keras, by their names there. */
import type { Matrix } from "../math/matrix.ts";

export interface LayerWeight {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

export interface LayerNode {
  readonly name: string;
  /** Class of Keras. */
  readonly layer: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** Names of the layers whose outputs it reads. */
  readonly inputs: readonly string[];
  /** In the order in which the layer has them. */
  readonly weights: Readonly<Record<string, LayerWeight>>;
}

export function layer(
  name: string,
  kind: string,
  inputs: readonly string[],
  config: LayerNode["config"] = {},
  weights: LayerNode["weights"] = {},
): LayerNode {
  return { name, layer: kind, config, inputs, weights };
}

/** x W + b, rectified if asked; without a bias x W. */
export function dense(
  name: string,
  input: string,
  { rows, columns, values }: Matrix,
  bias?: Float32Array,
  activation: "linear" | "relu" = "linear",
): LayerNode {
  const config = { units: columns, activation, use_bias: bias !== undefined };
  const kernel = { shape: [rows, columns], values };
  const weights = { kernel, ...(bias !== undefined && { bias: { shape: [columns], values: bias } }) };
  return layer(name, "Dense", [input], config, weights);
}
