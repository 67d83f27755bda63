/**
 * The regressor as a layers model of TensorFlow.js (`tf.loadLayersModel`), with the inputs and the output of onnx-export.ts and its
 * standardisation inside:
 *   z = [ (features - mean) * scale * (presence E), presence ],   prior = f(z).
 * Every layer is one of Keras, so that nothing but TensorFlow.js is needed to load it.
 */
import { TailrecError } from "../errors.ts";
import { dense, type LayerNode, layer } from "./layers-part.ts";
import { hasOnnxGraph, spreadMatrix } from "./onnx-export.ts";
import type { Regressor } from "./regressor.ts";

/** A file of JSON, `model.json`, and the file of weights that it names, which must lie beside it. */
export interface LayersModel {
  readonly model: string;
  readonly weights: Uint8Array;
}

/** The file that the model names. */
export const LAYERS_WEIGHTS = "weights.bin";

/** INVALID_ARGUMENT for a kind that is no chain of layers, and for a map that reads sparse rows. */
export function regressorToLayers(regressor: Regressor): LayersModel {
  const { implementation, standardisation } = regressor;
  const write = implementation.layers?.bind(implementation);
  if (write === undefined) {
    throw new TailrecError(
      "INVALID_ARGUMENT",
      `a ${regressor.kind} is no chain of layers; fit kind: ridge or mlp${hasOnnxGraph(regressor) ? ", or take its ONNX graph" : ""}`,
    );
  }
  if (implementation.hasLayers?.(regressor) === false) {
    throw new TailrecError(
      "INVALID_ARGUMENT",
      `a ${regressor.kind} on sparse rows of features is no chain of layers; fit kind: mlp, or take its ONNX graph`,
    );
  }
  const layers = [...standardisationLayers(standardisation), ...write(regressor)];
  return { model: JSON.stringify(modelOf(layers), null, 1), weights: weightBytes(layers) };
}

function standardisationLayers({ blocks, mean, scale }: Regressor["standardisation"]): LayerNode[] {
  const d = mean.length;
  const ones = new Float32Array(d).fill(1);
  const vector = (values: ArrayLike<number>) => ({ shape: [d], values: Float32Array.from(values) });
  const spread = { rows: blocks.length, columns: d, values: spreadMatrix(blocks, d) };
  return [
    inputLayer("features", d),
    inputLayer("presence", blocks.length),
    // scale (x - mean) / sqrt(1 + 0).
    layer(
      "scaled",
      "BatchNormalization",
      ["features"],
      { axis: -1, epsilon: 0, center: false, scale: true },
      { gamma: vector(scale), moving_mean: vector(mean), moving_variance: vector(ones) },
    ),
    dense("mask", "presence", spread),
    layer("masked", "Multiply", ["scaled", "mask"]),
    layer("z", "Concatenate", ["masked", "presence"], { axis: -1 }),
  ];
}

function inputLayer(name: string, size: number): LayerNode {
  return layer(name, "InputLayer", [], { batch_input_shape: [null, size], dtype: "float32", sparse: false });
}

/** The JSON of Keras: layers, how they are joined, and where the weights stand, one after the other. */
function modelOf(layers: readonly LayerNode[]): object {
  const at = (name: string): [string, number, number] => [name, 0, 0];
  const topology = layers.map(({ name, layer: kind, config, inputs }) => ({
    name,
    class_name: kind,
    config: { name, trainable: false, ...config },
    inbound_nodes: inputs.length === 0 ? [] : [inputs.map((input) => [...at(input), {}])],
  }));
  const graph = {
    name: "tailrec_regressor",
    layers: topology,
    input_layers: ["features", "presence"].map(at),
    output_layers: [at("prior")],
  };
  const weights = layers.flatMap(({ name, weights: own }) =>
    Object.entries(own).map(([weight, { shape }]) => ({ name: `${name}/${weight}`, shape, dtype: "float32" })),
  );
  return {
    format: "layers-model",
    generatedBy: "tailrec",
    convertedBy: null,
    modelTopology: { class_name: "Model", config: graph, keras_version: "2.2.4", backend: "tensor_flow.js" },
    weightsManifest: [{ paths: [LAYERS_WEIGHTS], weights }],
  };
}

/** Little-endian float32. */
function weightBytes(layers: readonly LayerNode[]): Uint8Array {
  const parts = layers.flatMap(({ weights }) => Object.values(weights).map(({ values }) => values));
  const bytes = new DataView(new ArrayBuffer(parts.reduce((sum, { byteLength }) => sum + byteLength, 0)));
  let offset = 0;
  for (const values of parts) {
    for (const value of values) {
      bytes.setFloat32(offset, value, true);
      offset += 4;
    }
  }
  return new Uint8Array(bytes.buffer);
}
