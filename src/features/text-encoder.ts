/**
 * Transformer text vectors: tokens to a padded batch, the graph's hidden states, then the mean over unmasked tokens
 *
 *   v = sum_t m_t x_t / sum_t m_t      (Reimers and Gurevych 2019)
 *
 * or the first token, and length 1 when the manifest says so.
 */
import { Tensor } from "onnxruntime-node";
import { type BatchEncoder, checkShape, type EncodedBatch, type EncoderInput, type EncoderOpening } from "./encoder.ts";
import type { TextManifest } from "./manifest.ts";
import { type OnnxSession, openSession } from "./onnx-session.ts";
import { openTokenizer, type TextTokenizer } from "./tokenizer.ts";

/** Sequences in one run of the graph: enough to fill the matrix products, few enough to stay in cache. */
const SEQUENCES_PER_RUN = 16;

export async function openTextEncoder(
  opening: EncoderOpening & { readonly manifest: TextManifest },
): Promise<BatchEncoder> {
  const { manifest, files, threads } = opening;
  const tokenizer = await openTokenizer(files[manifest.text.tokenizer], manifest.text.maximumLength);
  const session = await openSession(files[manifest.model], manifest.outputName, threads);
  return {
    encode: (inputs) => encodeTexts(inputs, manifest, tokenizer, session),
    close: () => session.close(),
  };
}

async function encodeTexts(
  inputs: readonly EncoderInput[],
  manifest: TextManifest,
  tokenizer: TextTokenizer,
  session: OnnxSession,
): Promise<EncodedBatch> {
  const sequences = inputs.map((input) => tokenizer.encode(String(input)));
  const vectors = new Float32Array(inputs.length * manifest.dimension);
  const failures = sequences.flatMap(({ length }, index) => (length === 0 ? [{ index, reason: "no tokens" }] : []));
  // Neighbours in length share a run, so that little padding is computed.
  const order = [...sequences.keys()].filter((i) => sequences[i].length > 0);
  order.sort((a, b) => sequences[a].length - sequences[b].length || a - b);
  for (let begin = 0; begin < order.length; begin += SEQUENCES_PER_RUN) {
    const rows = order.slice(begin, begin + SEQUENCES_PER_RUN);
    const batch = padBatch(
      rows.map((row) => sequences[row]),
      tokenizer.paddingId,
    );
    const { dimensions, values } = await session.run(feedsOf(batch, session.inputNames));
    checkShape(manifest.name, dimensions, [rows.length, batch.length, manifest.dimension]);
    for (const [r, row] of rows.entries()) {
      const states = values.subarray(
        r * batch.length * manifest.dimension,
        (r + 1) * batch.length * manifest.dimension,
      );
      const vector = vectors.subarray(row * manifest.dimension, (row + 1) * manifest.dimension);
      pool(states, sequences[row].length, manifest.text.pooling, vector);
      if (manifest.text.normalise) normalise(vector);
    }
  }
  return { vectors, failures };
}

interface PaddedBatch {
  readonly count: number;
  /** Of the longest sequence. */
  readonly length: number;
  readonly ids: BigInt64Array;
  readonly mask: BigInt64Array;
}

function padBatch(sequences: readonly (readonly number[])[], paddingId: number): PaddedBatch {
  const count = sequences.length;
  const length = Math.max(...sequences.map((sequence) => sequence.length));
  const ids = new BigInt64Array(count * length).fill(BigInt(paddingId));
  const mask = new BigInt64Array(count * length);
  for (const [i, sequence] of sequences.entries()) {
    for (const [t, id] of sequence.entries()) ids[i * length + t] = BigInt(id);
    mask.fill(1n, i * length, i * length + sequence.length);
  }
  return { count, length, ids, mask };
}

/** The inputs that the graph has: exports differ in whether they take token types. */
function feedsOf({ count, length, ids, mask }: PaddedBatch, inputNames: readonly string[]): Record<string, Tensor> {
  const dimensions = [count, length];
  const feeds: Record<string, Tensor> = { input_ids: new Tensor("int64", ids, dimensions) };
  if (inputNames.includes("attention_mask")) feeds.attention_mask = new Tensor("int64", mask, dimensions);
  if (inputNames.includes("token_type_ids")) {
    feeds.token_type_ids = new Tensor("int64", new BigInt64Array(count * length), dimensions);
  }
  return feeds;
}

/** Pools the first `length` states (padding follows them) into `vector`. */
function pool(states: Float32Array, length: number, pooling: "mean" | "cls", vector: Float32Array): void {
  const dimension = vector.length;
  if (pooling === "cls") {
    vector.set(states.subarray(0, dimension));
    return;
  }
  for (let j = 0; j < dimension; j++) {
    let sum = 0;
    for (let t = 0; t < length; t++) sum += states[t * dimension + j];
    vector[j] = sum / length;
  }
}

function normalise(vector: Float32Array): void {
  let square = 0;
  for (const value of vector) square += value * value;
  const length = Math.sqrt(square);
  if (length > 0) for (let j = 0; j < vector.length; j++) vector[j] /= length;
}
