/**
 * Transformer text vectors: tokens to a padded batch, the graph's hidden states, then the mean over unmasked tokens
 *
 *   v = sum_t m_t x_t / sum_t m_t      (Reimers and Gurevych 2019)
 *
 * or the first token, and length 1 when the manifest says so.
 */
import { Tensor } from "onnxruntime-node";
import { type BatchEncoder, checkShape, type EncodedBatch, type EncoderOpening, pipelined } from "./encoder.ts";
import type { TextManifest } from "./manifest.ts";
import { type OnnxSession, openSession } from "./onnx-session.ts";
import { normaliseVector, poolStates } from "./pooling.ts";
import { openTokenizer } from "./tokenizer.ts";

/** Tokens in one run of the graph, padding included: enough to fill the matrix products, few enough to stay in cache. */
const TOKENS_PER_RUN = 1024;

export async function openTextEncoder(
  opening: EncoderOpening & { readonly manifest: TextManifest },
): Promise<BatchEncoder> {
  const { manifest, files, threads } = opening;
  const { text } = manifest;
  const tokenizer = await openTokenizer(files[text.tokenizer], text);
  const session = await openSession(files[manifest.model], manifest.outputName, threads);
  return {
    encode: pipelined(
      async (inputs) => inputs.map((input, index) => ({ index, ids: tokenizer.encode(String(input)) })),
      (sequences) => encodeSequences(sequences, manifest, tokenizer.paddingId, session),
    ),
    close: () => session.close(),
  };
}

async function encodeSequences(
  sequences: readonly TokenSequence[],
  manifest: TextManifest,
  paddingId: number,
  session: OnnxSession,
): Promise<EncodedBatch> {
  const vectors = new Float32Array(sequences.length * manifest.dimension);
  // Neighbours in length share a run, so that little padding is computed.
  const order = sequences.filter(({ ids }) => ids.length > 0);
  order.sort((a, b) => a.ids.length - b.ids.length || a.index - b.index);
  for (const run of runsOf(order)) await encodeRun(run, manifest, paddingId, session, vectors);
  const empty = sequences.filter(({ ids }) => ids.length === 0);
  return { vectors, failures: empty.map(({ index }) => ({ index, reason: "no tokens" })) };
}

/** Cut where the next sequence, to whose length all are padded, would go over the budget; a run has one sequence at least. */
function runsOf(sequences: readonly TokenSequence[]): TokenSequence[][] {
  const runs: TokenSequence[][] = [];
  for (const sequence of sequences) {
    const run = runs.at(-1);
    if (run !== undefined && (run.length + 1) * sequence.ids.length <= TOKENS_PER_RUN) run.push(sequence);
    else runs.push([sequence]);
  }
  return runs;
}

interface TokenSequence {
  /** Position in the batch, which is the row of its vector. */
  readonly index: number;
  readonly ids: readonly number[];
}

/** One run of the graph; writes the pooled rows into `vectors`. */
async function encodeRun(
  sequences: readonly TokenSequence[],
  { name, dimension, text }: TextManifest,
  paddingId: number,
  session: OnnxSession,
  vectors: Float32Array,
): Promise<void> {
  const batch = padBatch(
    sequences.map(({ ids }) => ids),
    paddingId,
  );
  const { dimensions, values } = await session.run(feedsOf(batch, session.inputNames));
  checkShape(name, dimensions, [batch.count, batch.length, dimension]);
  const size = batch.length * dimension;
  for (const [r, { index, ids }] of sequences.entries()) {
    const vector = vectors.subarray(index * dimension, (index + 1) * dimension);
    poolStates(values.subarray(r * size, (r + 1) * size), ids.length, text.pooling, vector);
    if (text.normalise) normaliseVector(vector);
  }
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
