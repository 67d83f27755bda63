/**
 * A residual network for pictures (He et al. 2016): a stem, then stages of basic blocks, each stage at half the size of the one
 * before. The channel means of stem and stages side by side, so that colour and texture of every scale survive without
 * training, go through a linear layer at the end.
 */
import { type OnnxGraph, onnxModel } from "../../src/math/onnx-graph.ts";
import { createRandom } from "../../src/math/random.ts";
import { type GraphBuilder, graphBuilder } from "./graph-builder.ts";

export interface ResnetShape {
  /** Side of the input in pixels. */
  readonly size: number;
  readonly stemWidth: number;
  readonly stages: readonly { readonly width: number; readonly blocks: number }[];
  readonly seed: number;
}

/** features = (pooled - mean) weight. */
export interface LinearHead {
  readonly mean: Float32Array;
  /** dimension x dimension. */
  readonly weight: Float32Array;
}

/** How much a residual branch adds to its skip path. */
const BRANCH_GAIN = 0.5;

interface FeatureMap {
  readonly name: string;
  readonly channels: number;
}

export function resnetDimension({ stemWidth, stages }: ResnetShape): number {
  return stages.reduce((sum, { width }) => sum + width, stemWidth);
}

/** Input `pixels` [batch, 3, size, size], output `features` [batch, dimension]: what is pooled, through the head when there is one. */
export function resnetModel(shape: ResnetShape, head?: LinearHead): Uint8Array {
  const builder = graphBuilder(createRandom(shape.seed));
  let map = stem(builder, shape.stemWidth);
  const pooled = [poolChannels(builder, map)];
  for (const [s, { width, blocks }] of shape.stages.entries()) {
    for (let b = 0; b < blocks; b++) map = basicBlock(builder, map, width, s > 0 && b === 0 ? 2 : 1);
    pooled.push(poolChannels(builder, map));
  }
  const joined = builder.apply("Concat", pooled, { axis: 1 });
  const features = head === undefined ? joined : applyHead(builder, joined, head);
  builder.nodes.push({ operator: "Identity", inputs: [features], outputs: ["features"] });
  return onnxModel(resnetGraph(shape, builder));
}

function applyHead(builder: GraphBuilder, pooled: string, { mean, weight }: LinearHead): string {
  const centred = builder.apply("Sub", [pooled, builder.constant(mean, [mean.length])]);
  return builder.apply("MatMul", [centred, builder.constant(weight, [mean.length, mean.length])]);
}

function resnetGraph(shape: ResnetShape, { nodes, initializers }: GraphBuilder): OnnxGraph {
  return {
    name: "resnet",
    inputs: [{ name: "pixels", element: "float32", dimensions: ["batch", 3, shape.size, shape.size] }],
    outputs: [{ name: "features", element: "float32", dimensions: ["batch", resnetDimension(shape)] }],
    nodes,
    initializers,
    metadata: { weights: `random, seed ${shape.seed}, untrained` },
  };
}

function stem(builder: GraphBuilder, channels: number): FeatureMap {
  return relu(builder, convolve(builder, { name: "pixels", channels: 3 }, channels, 5, 2, 1));
}

/** relu(skip(x) + gain * conv(relu(conv(x)))); the skip path is a 1 x 1 convolution where the shape changes. */
function basicBlock(builder: GraphBuilder, input: FeatureMap, channels: number, stride: number): FeatureMap {
  const inner = relu(builder, convolve(builder, input, channels, 3, stride, 1));
  const branch = convolve(builder, inner, channels, 3, 1, BRANCH_GAIN);
  const same = stride === 1 && input.channels === channels;
  const skip = same ? input : convolve(builder, input, channels, 1, stride, 1);
  return relu(builder, { name: builder.apply("Add", [skip.name, branch.name]), channels });
}

/** He initialisation: the deviation keeps the scale of the signal through a following rectifier. */
function convolve(
  builder: GraphBuilder,
  input: FeatureMap,
  channels: number,
  kernel: number,
  stride: number,
  gain: number,
): FeatureMap {
  const deviation = gain * Math.sqrt(2 / (input.channels * kernel * kernel));
  const weight = builder.weight([channels, input.channels, kernel, kernel], deviation);
  const pad = (kernel - 1) / 2;
  const attributes = { strides: [stride, stride], pads: [pad, pad, pad, pad], kernel_shape: [kernel, kernel] };
  return { name: builder.apply("Conv", [input.name, weight], attributes), channels };
}

function relu(builder: GraphBuilder, { name, channels }: FeatureMap): FeatureMap {
  return { name: builder.apply("Relu", [name]), channels };
}

/** The mean of each channel: [batch, channels]. */
function poolChannels(builder: GraphBuilder, map: FeatureMap): string {
  return builder.apply("Flatten", [builder.apply("GlobalAveragePool", [map.name])], { axis: 1 });
}
