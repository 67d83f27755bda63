/** The task "image": pictures, decoded and cut to squares, through a vision graph. */
import sharp from "sharp";
import type { DescribedEncoder, EncoderTask, FolderOptions, ModelFolder } from "../encoder-task.ts";
import { type GraphProbe, vectorOutput } from "../models/graph-output.ts";
import { sideOf } from "../models/transformers-layout.ts";
import type { GraphValue } from "../run/onnx-session.ts";
import { IMAGE_REMEDY, openImageEncoder } from "./image-encoder.ts";
import { type ImagePreparation, imagePreparationSchema } from "./image-preparation.ts";
import { readImageSettings } from "./image-settings.ts";
import {
  fixedSide,
  type Layout,
  layoutOf,
  pictureFeeds,
  pictureInput,
  requireFitting,
  takesPixels,
} from "./picture-input.ts";

/** A graph that takes pixels as they are brings them to scale itself. */
const UNSCALED: Pick<ImagePreparation, "mean" | "std"> = { mean: [0, 0, 0], std: [1, 1, 1] };

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
  trialInputs: async () => Promise.all(COLOURS.map(picture)),
  // An ONNX model alone: pictures need no further file.
  recognises: () => true,
  describe,
};

async function describe(
  { path, graph, model }: ModelFolder,
  { pooling }: FolderOptions,
): Promise<DescribedEncoder<ImagePreparation>> {
  const input = pictureInput(graph);
  const layout = layoutOf(input);
  const side = fixedSide(graph.path, input, layout ?? "channels-first");
  const settings = await readImageSettings(path, side);
  const image = { ...settings.image, ...(takesPixels(input) && UNSCALED) };
  const notes = takesPixels(input) ? [`pixels of 0 to 255, since the graph takes ${input.type}`] : [];
  const { laidOut, output } = await firstThatRuns(layoutsToTry(layout), async (tried) => {
    const laidOut = tried === "channels-first" ? image : { ...image, layout: tried };
    requireFitting(graph.path, input, laidOut);
    return { laidOut, output: await vectorOutput(graph, probeOf(input, laidOut)) };
  });
  const preparation = {
    ...laidOut,
    ...(output.tokens && { pooling: pooling ?? "cls" }),
    // The other side of the space is texts, and the angle between the two is what was trained.
    ...(sideOf(model) !== undefined && { normalise: true }),
  };
  return { preparation, output, assumed: [...settings.assumed, ...notes] };
}

/** The layout where the graph tells it; else the usual one before the other. */
function layoutsToTry(layout: Layout | undefined): readonly Layout[] {
  return layout === undefined ? ["channels-first", "channels-last"] : [layout];
}

/** What the first try gives that the graph runs; the error of the first where none does. */
async function firstThatRuns<T, R>(tries: readonly T[], attempt: (tried: T) => Promise<R>): Promise<R> {
  const [first, ...others] = tries;
  try {
    return await attempt(first);
  } catch (error) {
    for (const other of others) {
      const result = await attempt(other).catch(() => undefined);
      if (result !== undefined) return result;
    }
    throw error;
  }
}

function probeOf(input: GraphValue, image: ImagePreparation): GraphProbe {
  const feeds = pictureFeeds(input, [new Float32Array(3 * image.size ** 2)], image);
  const count = feeds[input.name].dims[0];
  return {
    preferred: ["image_embeds", "features", "pooler_output", "last_hidden_state"],
    wanted: "pictures x dimension",
    feeds,
    remedy: IMAGE_REMEDY,
    vectors: ([pictures, second, third, fourth, ...rest]) => {
      if (pictures !== count || second === undefined || rest.length > 0) return undefined;
      if (third !== undefined && fourth === undefined) return { dimension: third, tokens: true };
      const isFlat = third === undefined || (third === 1 && fourth === 1);
      return isFlat ? { dimension: second, tokens: false } : undefined;
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
