/** Picture vectors: a batch of decoded squares through the graph; what cannot be decoded is reported, not thrown. */

import sharp from "sharp";
import { messageOf } from "../../file-errors.ts";
import {
  type BatchEncoder,
  checkShape,
  type EncodedBatch,
  type EncoderInput,
  type EncoderOpening,
  type EncodingFailure,
  pipelined,
} from "../run/encoder.ts";
import {
  fixedSize,
  type GraphValue,
  type OnnxGraphSession,
  type OnnxOutput,
  openGraph,
  outputNamed,
  runFor,
} from "../run/onnx-session.ts";
import { normaliseVector, poolStates } from "../run/pooling.ts";
import { type DecodingGate, decodingGate } from "./decoding-gate.ts";
import type { ImageManifest } from "./image-preparation.ts";
import { preparePicture } from "./picture.ts";
import { pictureFeeds, pictureInput, requireFitting } from "./picture-input.ts";

const CHANNELS = 3;
const PICTURES_PER_RUN = 8;

/** What to advise where a run fails. */
export const IMAGE_REMEDY = "check image.size and image.layout in its manifest, or add it again";

/** An opened graph, and how it is fed and read. */
interface PictureGraph {
  readonly graph: OnnxGraphSession;
  readonly input: GraphValue;
  readonly output: string;
  readonly manifest: ImageManifest;
}

export async function openImageEncoder(opening: EncoderOpening<ImageManifest>): Promise<BatchEncoder> {
  const { manifest, files, threads, inFlight = new SharedArrayBuffer(4) } = opening;
  const gate = decodingGate(inFlight);
  // Pictures are decoded side by side and never twice: neither threads within one nor a cache would gain anything.
  sharp.concurrency(1);
  sharp.cache(false);
  const graph = await openGraph(files[manifest.model], threads);
  try {
    const input = pictureInput(graph);
    requireFitting(graph.path, input, manifest.image);
    const opened = { graph, input, output: outputNamed(graph, manifest.outputName), manifest };
    return {
      encode: pipelined(
        (pictures) => Promise.all(pictures.map((picture, index) => decode(picture, index, manifest, gate))),
        (decoded) => encodePictures(decoded, opened),
      ),
      close: () => graph.close(),
    };
  } catch (error) {
    await graph.close();
    throw error;
  }
}

async function encodePictures(
  decoded: readonly (DecodedPicture | EncodingFailure)[],
  opened: PictureGraph,
): Promise<EncodedBatch> {
  const { dimension } = opened.manifest;
  const perRun = fixedSize(opened.input.shape[0]) ?? PICTURES_PER_RUN;
  const vectors = new Float32Array(decoded.length * dimension);
  const pictures = decoded.filter((picture) => "planes" in picture);
  for (let begin = 0; begin < pictures.length; begin += perRun) {
    const batch = pictures.slice(begin, begin + perRun);
    const features = await runBatch(
      batch.map(({ planes }) => planes),
      opened,
    );
    for (const [r, { index }] of batch.entries()) {
      vectors.set(features.subarray(r * dimension, (r + 1) * dimension), index * dimension);
    }
  }
  return { vectors, failures: decoded.filter((picture) => "reason" in picture) };
}

interface DecodedPicture {
  readonly index: number;
  readonly planes: Float32Array;
}

/** The planes of the picture at `index` of the batch, or the reason why there are none. */
async function decode(
  input: EncoderInput,
  index: number,
  { image }: ImageManifest,
  gate: DecodingGate,
): Promise<DecodedPicture | EncodingFailure> {
  if (typeof input === "string") return { index, reason: "expected the bytes of a picture, received text" };
  if (input.length === 0) return { index, reason: "the file is empty" };
  const planes = new Float32Array(CHANNELS * image.size * image.size);
  return preparePicture(input, image, planes, gate).then(
    () => ({ index, planes }),
    (error: unknown) => ({ index, reason: reasonOf(error) }),
  );
}

/** One run: pictures x dimension; more rows where the graph fixes how many it takes. */
async function runBatch(
  pictures: readonly Float32Array[],
  { graph, input, output, manifest }: PictureGraph,
): Promise<Float32Array> {
  const { image, dimension } = manifest;
  const count = fixedSize(input.shape[0]) ?? pictures.length;
  const given = await runFor(graph, output, pictureFeeds(input, pictures, image), IMAGE_REMEDY);
  const vectors = vectorsOf(given, count, manifest);
  if (image.normalise !== true) return vectors;
  for (let i = 0; i < vectors.length; i += dimension) normaliseVector(vectors.subarray(i, i + dimension));
  return vectors;
}

/** The graph's n x d (some exports leave n x d x 1 x 1), or n x tokens x d pooled. */
function vectorsOf(
  { dimensions, values }: OnnxOutput,
  count: number,
  { name, image, dimension }: ImageManifest,
): Float32Array {
  if (image.pooling === undefined) {
    checkShape(name, dimensions, [count, dimension, ...dimensions.slice(2).map(() => 1)]);
    return values;
  }
  const tokens = dimensions[1] ?? 0;
  checkShape(name, dimensions, [count, tokens, dimension]);
  const vectors = new Float32Array(count * dimension);
  for (let i = 0; i < count; i++) {
    const states = values.subarray(i * tokens * dimension, (i + 1) * tokens * dimension);
    poolStates(states, tokens, image.pooling, vectors.subarray(i * dimension, (i + 1) * dimension));
  }
  return vectors;
}

/** libvips keeps one error text for all threads: of two pictures that fail at once, one may find none. */
function reasonOf(error: unknown): string {
  const reason = messageOf(error);
  return reason === "Unknown error" ? "the file is damaged or truncated" : reason;
}
