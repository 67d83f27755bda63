/**
 * Transformer text vectors: tokens to a padded batch, the graph's hidden states, then the mean over unmasked tokens
 *
 *   v = sum_t m_t x_t / sum_t m_t      (Reimers and Gurevych 2019)
 *
 * or the first token, and length 1 when the manifest says so.
 */

import { type BatchEncoder, checkShape, type EncodedBatch, type EncoderOpening, pipelined } from "../run/encoder.ts";
import { type OnnxSession, openSession } from "../run/onnx-session.ts";
import { normaliseVector, poolStates } from "../run/pooling.ts";
import type { TextManifest } from "./text-preparation.ts";
import { feedsOf, padRun, type TokenSequence, tokenRuns } from "./token-runs.ts";
import { openTokenizer } from "./tokenizer.ts";

export async function openTextEncoder(opening: EncoderOpening<TextManifest>): Promise<BatchEncoder> {
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
  const filled = sequences.filter(({ ids }) => ids.length > 0);
  for (const run of tokenRuns(filled)) await encodeRun(run, manifest, paddingId, session, vectors);
  const empty = sequences.filter(({ ids }) => ids.length === 0);
  return { vectors, failures: empty.map(({ index }) => ({ index, reason: "no tokens" })) };
}

/** One run of the graph; writes the pooled rows into `vectors`. */
async function encodeRun(
  sequences: readonly TokenSequence[],
  { name, dimension, text }: TextManifest,
  paddingId: number,
  session: OnnxSession,
  vectors: Float32Array,
): Promise<void> {
  const batch = padRun(sequences, paddingId);
  const { dimensions, values } = await session.run(feedsOf(batch, session.inputNames));
  checkShape(name, dimensions, [batch.count, batch.length, dimension]);
  const size = batch.length * dimension;
  for (const [r, { index, ids }] of sequences.entries()) {
    const vector = vectors.subarray(index * dimension, (index + 1) * dimension);
    poolStates(values.subarray(r * size, (r + 1) * size), ids.length, text.pooling, vector);
    if (text.normalise) normaliseVector(vector);
  }
}
