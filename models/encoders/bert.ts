/**
 * A BERT encoder (Devlin 2019) in pre-norm form (Xiong 2020): tokens, positions and types are summed; every layer adds
 * self-attention and a feed-forward net to what it is given. Without training the residual branches carry noise, so they are
 * scaled down: the identity of the tokens survives into the mean of the last hidden state.
 */
import { type OnnxGraph, type OnnxValue, onnxModel } from "../../src/math/onnx/onnx-graph.ts";
import { createRandom } from "../../src/math/random.ts";
import { type GraphBuilder, graphBuilder } from "./graph-builder.ts";

export interface BertShape {
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  readonly feedForward: number;
  /** Longest sequence. */
  readonly positions: number;
  readonly seed: number;
}

/** How much a residual branch adds to its skip path. */
const BRANCH_GAIN = 0.15;
const POSITION_SCALE = 0.05;
const FLOAT32 = 1;
const MASKED_SCORE = -10000;

/**
 * Inputs `input_ids`, `attention_mask`, `token_type_ids` [batch, sequence], output `last_hidden_state` [batch, sequence, width].
 * `salience` gives each vocabulary entry the length of its embedding.
 */
export function bertModel(shape: BertShape, salience: readonly number[]): Uint8Array {
  const builder = graphBuilder(createRandom(shape.seed));
  const mask = attentionBias(builder);
  let states = embed(builder, shape, salience);
  for (let layer = 0; layer < shape.layers; layer++) {
    const normalised = layerNorm(builder, states, shape.width);
    states = builder.apply("Add", [states, attention(builder, normalised, mask, shape)]);
    states = builder.apply("Add", [states, feedForward(builder, layerNorm(builder, states, shape.width), shape)]);
  }
  builder.nodes.push({ operator: "Identity", inputs: [states], outputs: ["last_hidden_state"] });
  return onnxModel(bertGraph(shape, builder));
}

function bertGraph(shape: BertShape, { nodes, initializers }: GraphBuilder): OnnxGraph {
  const input = (name: string): OnnxValue => ({ name, element: "int64", dimensions: ["batch", "sequence"] });
  return {
    name: "bert",
    inputs: ["input_ids", "attention_mask", "token_type_ids"].map(input),
    outputs: [{ name: "last_hidden_state", element: "float32", dimensions: ["batch", "sequence", shape.width] }],
    nodes,
    initializers,
    metadata: { weights: `random, seed ${shape.seed}, untrained` },
  };
}

/** 0 where the mask is 1, far below every score where it is 0: [batch, 1, 1, sequence]. */
function attentionBias(builder: GraphBuilder): string {
  const kept = builder.apply("Cast", ["attention_mask"], { to: FLOAT32 });
  const hidden = builder.apply("Sub", [builder.constant([1]), kept]);
  const bias = builder.apply("Mul", [hidden, builder.constant([MASKED_SCORE])]);
  return builder.apply("Unsqueeze", [bias, builder.integers(1, 2)]);
}

function embed(builder: GraphBuilder, { width, positions }: BertShape, salience: readonly number[]): string {
  const deviation = 1 / Math.sqrt(width);
  const tokens = builder.weight([salience.length, width], deviation, (row) => salience[row]);
  const places = builder.weight([positions, width], POSITION_SCALE * deviation);
  const types = builder.weight([2, width], POSITION_SCALE * deviation);
  const length = builder.apply("Gather", [builder.apply("Shape", ["input_ids"]), scalar(builder, 1)], { axis: 0 });
  const range = builder.apply("Range", [scalar(builder, 0), length, scalar(builder, 1)]);
  const words = builder.apply("Gather", [tokens, "input_ids"], { axis: 0 });
  const placed = builder.apply("Add", [words, builder.apply("Gather", [places, range], { axis: 0 })]);
  return builder.apply("Add", [placed, builder.apply("Gather", [types, "token_type_ids"], { axis: 0 })]);
}

function scalar(builder: GraphBuilder, value: number): string {
  return builder.apply("Squeeze", [builder.integers(value)]);
}

function layerNorm(builder: GraphBuilder, states: string, width: number): string {
  const ones = builder.constant(new Array<number>(width).fill(1), [width]);
  const zeros = builder.constant(new Array<number>(width).fill(0), [width]);
  return builder.apply("LayerNormalization", [states, ones, zeros], { axis: -1, epsilon: { float: 1e-6 } });
}

/** softmax(Q K' / sqrt(d) + bias) V of every head, joined and projected. */
function attention(builder: GraphBuilder, states: string, bias: string, { width, heads }: BertShape): string {
  const depth = width / heads;
  const split = (perm: readonly number[]): string => {
    const projected = dense(builder, states, width, width, 1);
    const shaped = builder.apply("Reshape", [projected, builder.integers(0, 0, heads, depth)]);
    return builder.apply("Transpose", [shaped], { perm });
  };
  const queries = split([0, 2, 1, 3]);
  const keys = split([0, 2, 3, 1]);
  const values = split([0, 2, 1, 3]);
  const scores = builder.apply("MatMul", [queries, keys]);
  const scaled = builder.apply("Div", [scores, builder.constant([Math.sqrt(depth)])]);
  const shares = builder.apply("Softmax", [builder.apply("Add", [scaled, bias])], { axis: -1 });
  const mixed = builder.apply("Transpose", [builder.apply("MatMul", [shares, values])], { perm: [0, 2, 1, 3] });
  const joined = builder.apply("Reshape", [mixed, builder.integers(0, 0, width)]);
  return dense(builder, joined, width, width, branchScale(width));
}

/** W2 gelu(W1 x), gelu(x) = x (1 + erf(x / sqrt 2)) / 2. */
function feedForward(builder: GraphBuilder, states: string, shape: BertShape): string {
  const inner = dense(builder, states, shape.width, shape.feedForward, 1);
  const error = builder.apply("Erf", [builder.apply("Div", [inner, builder.constant([Math.SQRT2])])]);
  const gate = builder.apply("Mul", [builder.apply("Add", [error, builder.constant([1])]), builder.constant([0.5])]);
  const activated = builder.apply("Mul", [inner, gate]);
  return dense(builder, activated, shape.feedForward, shape.width, branchScale(shape.width));
}

/** Layer norms bring states to length sqrt(width), embeddings have length 1: the branch is measured against those. */
function branchScale(width: number): number {
  return BRANCH_GAIN / Math.sqrt(width);
}

/** x W with Xavier weights times a gain; biases of an untrained network are zero and left out. */
function dense(builder: GraphBuilder, input: string, from: number, to: number, gain: number): string {
  return builder.apply("MatMul", [input, builder.weight([from, to], gain * Math.sqrt(2 / (from + to)))]);
}
