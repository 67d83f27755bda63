/** The task "image": pictures, decoded and cut to squares, through a vision graph. */
import { join } from "node:path";
import sharp from "sharp";
import { Tensor } from "../../math/onnx/onnx-runtime.ts";
import type { DescribedEncoder, EncoderTask, ModelFolder } from "../encoder-task.ts";
import { type GraphProbe, vectorOutput } from "../models/graph-output.ts";
import { openGraph } from "../run/onnx-session.ts";
import { openImageEncoder } from "./image-encoder.ts";
import { type ImagePreparation, imagePreparationSchema } from "./image-preparation.ts";
import { readImageSettings } from "./image-settings.ts";

const COLOURS = ["#c03020", "#2060b0", "#e0e0d0"];

export const imageTask: EncoderTask<"image", ImagePreparation> = {
  name: "image",
  preparation: imagePreparationSchema,
  // Pictures are resized by Pillow's rule since version 2.
  version: 2,
  // Decoders differ a little.
  lowestCosine: 0.995,
  preparationFiles: () => [],
  open: openImageEncoder,
  trialInputs: () => Promise.all(COLOURS.map(picture)),
  // An ONNX model alone: pictures need no further file.
  recognises: () => true,
  describe,
};

async function describe(
  { path, model }: ModelFolder,
  pooling: "mean" | "cls" | undefined,
): Promise<DescribedEncoder<ImagePreparation>> {
  const { image, assumed } = await readImageSettings(path, await squareSide(join(path, model)));
  const output = await vectorOutput(join(path, model), probeOf(image.size));
  return { preparation: { ...image, ...(output.tokens && { pooling: pooling ?? "cls" }) }, output, assumed };
}

/** The side of the squares that a picture graph takes, where it fixes one. MODEL_INVALID when the file is no ONNX model. */
async function squareSide(path: string): Promise<number | undefined> {
  const graph = await openGraph(path, 1);
  const side = graph.inputShape.at(-1);
  await graph.close();
  return typeof side === "number" && side > 0 ? side : undefined;
}

function probeOf(size: number): GraphProbe {
  return {
    preferred: ["image_embeds", "features", "pooler_output", "last_hidden_state"],
    wanted: "batch x dimension",
    feeds: ([input]) => ({ [input]: new Tensor("float32", new Float32Array(3 * size ** 2), [1, 3, size, size]) }),
    vectors: (shape) => {
      const [, second, third, fourth] = shape;
      if (shape.length === 3) return { dimension: third, tokens: true };
      const flat = shape.length === 2 || (shape.length === 4 && third === 1 && fourth === 1);
      return flat ? { dimension: second, tokens: false } : undefined;
    },
  };
}

async function picture(colour: string, i: number): Promise<Uint8Array> {
  const square = { width: 64 + 16 * i, height: 80, channels: 3 as const, background: colour };
  const inner = { create: { ...square, width: 30, height: 30, background: COLOURS[(i + 1) % COLOURS.length] } };
  return new Uint8Array(
    await sharp({ create: square })
      .composite([{ input: inner }])
      .png()
      .toBuffer(),
  );
}
