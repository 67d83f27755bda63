/**
 * ResNet-50 (He et al. 2016) for measurements of speed: a 7 x 7 stem, 3 + 4 + 6 + 3 bottleneck blocks of which the 3 x 3
 * convolution carries the stride, the mean of 2048 channels. Weights are seeded and UNTRAINED; batch normalisation is left out,
 * as an exported graph has it folded into the convolutions.
 */
import { onnxModel } from "../../src/math/onnx/onnx-graph.ts";
import { createRandom } from "../../src/math/random.ts";
import { type GraphBuilder, graphBuilder } from "./graph-builder.ts";

const STAGES = [
  { width: 64, blocks: 3 },
  { width: 128, blocks: 4 },
  { width: 256, blocks: 6 },
  { width: 512, blocks: 3 },
] as const;
const STEM_WIDTH = 64;
const EXPANSION = 4;
/** What a residual branch adds, so that sixteen of them do not overflow. */
const BRANCH_GAIN = 0.3;

export const RESNET50 = { size: 224, dimension: 512 * EXPANSION } as const;

interface FeatureMap {
  readonly name: string;
  readonly channels: number;
}

/** Input `pixels` [batch, 3, 224, 224], output `features` [batch, 2048]. */
export function resnet50Model(seed: number): Uint8Array {
  const builder = graphBuilder(createRandom(seed));
  let map = maximumPool(builder, relu(builder, convolve(builder, { name: "pixels", channels: 3 }, STEM_WIDTH, 7, 2)));
  for (const [s, { width, blocks }] of STAGES.entries()) {
    for (let b = 0; b < blocks; b++) map = bottleneck(builder, map, width, s > 0 && b === 0 ? 2 : 1);
  }
  const pooled = builder.apply("GlobalAveragePool", [map.name]);
  builder.nodes.push({ operator: "Flatten", inputs: [pooled], outputs: ["features"], attributes: { axis: 1 } });
  const { size, dimension } = RESNET50;
  return onnxModel({
    name: "resnet50",
    inputs: [{ name: "pixels", element: "float32", dimensions: ["batch", 3, size, size] }],
    outputs: [{ name: "features", element: "float32", dimensions: ["batch", dimension] }],
    nodes: builder.nodes,
    initializers: builder.initializers,
    metadata: { weights: `random, seed ${seed}, untrained` },
  });
}

/** relu(skip(x) + conv1(relu(conv3(relu(conv1(x)))))); the skip path is a 1 x 1 convolution where the shape changes. */
function bottleneck(builder: GraphBuilder, input: FeatureMap, width: number, stride: number): FeatureMap {
  const narrow = relu(builder, convolve(builder, input, width, 1, 1));
  const inner = relu(builder, convolve(builder, narrow, width, 3, stride));
  const branch = convolve(builder, inner, width * EXPANSION, 1, 1, BRANCH_GAIN);
  const same = stride === 1 && input.channels === branch.channels;
  const skip = same ? input : convolve(builder, input, branch.channels, 1, stride);
  return relu(builder, { name: builder.apply("Add", [skip.name, branch.name]), channels: branch.channels });
}

/** He initialisation: the deviation keeps the scale of the signal through a following rectifier. */
function convolve(
  builder: GraphBuilder,
  input: FeatureMap,
  channels: number,
  backend: number,
  stride: number,
  gain = 1,
): FeatureMap {
  const deviation = gain * Math.sqrt(2 / (input.channels * backend * backend));
  const weight = builder.weight([channels, input.channels, backend, backend], deviation);
  const pad = (backend - 1) / 2;
  const attributes = { strides: [stride, stride], pads: [pad, pad, pad, pad], kernel_shape: [backend, backend] };
  return { name: builder.apply("Conv", [input.name, weight], attributes), channels };
}

function relu(builder: GraphBuilder, { name, channels }: FeatureMap): FeatureMap {
  return { name: builder.apply("Relu", [name]), channels };
}

function maximumPool(builder: GraphBuilder, { name, channels }: FeatureMap): FeatureMap {
  const attributes = { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] };
  return { name: builder.apply("MaxPool", [name], attributes), channels };
}
