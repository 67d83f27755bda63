/**
 * Transformer text vectors: tokens to a padded batch, the graph's hidden states, then the mean over unmasked tokens
 *
 *   v = sum_t m_t x_t / sum_t m_t      (Reimers and Gurevych 2019)
 *
 * or the first token, and length 1 when the manifest says so. A graph that pools by itself gives the vectors.
 */
import { TailrecError } from "../../errors.ts";
import { type BatchEncoder, checkShape, type EncodedBatch, type EncoderOpening, pipelined } from "../run/encoder.ts";
import { type OnnxGraphSession, openGraph, outputNamed, runFor } from "../run/onnx-session.ts";
import { normaliseVector, poolStates } from "../run/pooling.ts";
import { filledLength, type TextInputs, textInputs } from "./text-inputs.ts";
import type { TextManifest } from "./text-preparation.ts";
import { padRun, type TokenSequence, tokenRuns } from "./token-runs.ts";
import { tokenizerOf } from "./tokenizer.ts";

/** What to advise where a run fails. */
export const TEXT_REMEDY =
  "if it takes shorter texts only, lower text.maximumLength in its manifest, or add it again by --maximum-length";

/** An opened graph, and how it is fed and read. */
interface TextGraph {
  readonly graph: OnnxGraphSession;
  readonly inputs: TextInputs;
  readonly output: string;
  readonly manifest: TextManifest;
  readonly paddingId: number;
}

export async function openTextEncoder(opening: EncoderOpening<TextManifest>): Promise<BatchEncoder> {
  const { manifest, files, threads } = opening;
  const tokenizer = await tokenizerOf(manifest.text, files);
  const graph = await openGraph(files[manifest.model], threads);
  try {
    const inputs = textInputs(graph, manifest.text.inputs, filledLength(manifest.text));
    requireLength(manifest, inputs);
    const output = outputNamed(graph, manifest.outputName);
    const opened = { graph, inputs, output, manifest, paddingId: tokenizer.paddingId };
    return {
      encode: pipelined(
        async (texts) => texts.map((text, index) => ({ index, ids: tokenizer.encode(String(text)) })),
        (sequences) => encodeSequences(sequences, opened),
      ),
      close: () => graph.close(),
    };
  } catch (error) {
    await graph.close();
    throw error;
  }
}

function requireLength({ name, text }: TextManifest, { size }: TextInputs): void {
  if (size.length === undefined || text.maximumLength <= size.length) return;
  throw new TailrecError(
    "MODEL_INVALID",
    `encoder "${name}": the graph takes ${size.length} tokens, its manifest cuts texts at ${text.maximumLength}; set text.maximumLength to at most ${size.length}`,
  );
}

async function encodeSequences(sequences: readonly TokenSequence[], opened: TextGraph): Promise<EncodedBatch> {
  const vectors = new Float32Array(sequences.length * opened.manifest.dimension);
  const filled = sequences.filter(({ ids }) => ids.length > 0);
  for (const run of tokenRuns(filled, opened.inputs.size)) await encodeRun(run, opened, vectors);
  const empty = sequences.filter(({ ids }) => ids.length === 0);
  return { vectors, failures: empty.map(({ index }) => ({ index, reason: "no tokens" })) };
}

/** One run of the graph; writes the pooled rows into `vectors`. */
async function encodeRun(
  sequences: readonly TokenSequence[],
  { graph, inputs, output, manifest, paddingId }: TextGraph,
  vectors: Float32Array,
): Promise<void> {
  const { name, dimension, text } = manifest;
  const batch = padRun(sequences, paddingId, inputs.size);
  const { dimensions, values } = await runFor(graph, output, inputs.feeds(batch), TEXT_REMEDY);
  const isPooled = text.pooling === undefined;
  checkShape(name, dimensions, isPooled ? [batch.count, dimension] : [batch.count, batch.length, dimension]);
  const size = values.length / batch.count;
  for (const [r, { index, ids }] of sequences.entries()) {
    const states = values.subarray(r * size, (r + 1) * size);
    const vector = vectors.subarray(index * dimension, (index + 1) * dimension);
    if (text.pooling === undefined) vector.set(states);
    else poolStates(states, ids.length, text.pooling, vector);
    if (text.normalise) normaliseVector(vector);
  }
}
