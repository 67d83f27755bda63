/**
 * The input of a picture graph: its element type, whether channels come first (n x 3 x s x s) or last (n x s x s x 3), and what it
 * fixes. Graphs of whole numbers take pixels of 0 to 255 and bring them to scale themselves.
 */
import { TailrecError } from "../../errors.ts";
import { describeValues, type Feeds, fixedSize, type GraphValue, type OnnxGraphSession } from "../run/onnx-session.ts";
import { isFloating, isNumeric, tensorOf } from "../run/tensor-values.ts";
import type { ImagePreparation } from "./image-preparation.ts";

export type Layout = NonNullable<ImagePreparation["layout"]>;

const CHANNELS = 3;
const BRIGHTEST = 255;

/** Where channels and sides stand in the shape. */
const AXES: Readonly<Record<Layout, { readonly channels: number; readonly sides: readonly [number, number] }>> = {
  "channels-first": { channels: 1, sides: [2, 3] },
  "channels-last": { channels: 3, sides: [1, 2] },
};

/** The one input that pictures go to. MODEL_INVALID when there is none, or a further one. */
export function pictureInput({ path, inputs }: OnnxGraphSession): GraphValue {
  const [input, ...others] = inputs.filter(
    // A graph that says nothing of a shape has none of its own.
    ({ type, shape }) => [0, 4].includes(shape.length) && isNumeric(type),
  );
  if (input !== undefined && others.length === 0 && inputs.length === 1) return input;
  throw new TailrecError(
    "MODEL_INVALID",
    `${path}: expected one input of pictures x 3 x side x side, the graph has ${describeValues(inputs)}; export the picture part alone`,
  );
}

/** The layout that the shape, or the names of its dimensions, tell; undefined where they do not. */
export function layoutOf({ shape }: GraphValue): Layout | undefined {
  const layouts = ["channels-first", "channels-last"] as const;
  const where = (isColour: (size: number | string) => boolean) =>
    layouts.find((layout) => isColour(shape[AXES[layout].channels]));
  return (
    where((size) => size === CHANNELS || /chan|colou?r|rgb|^c$/i.test(String(size))) ??
    // Grey or transparent pictures, which are refused as such.
    where((size) => size === 1 || size === 4)
  );
}

/** The side of the squares that the graph fixes; undefined where it takes any. MODEL_INVALID when they are no squares. */
export function fixedSide(path: string, input: GraphValue, layout: Layout): number | undefined {
  const [height, width] = AXES[layout].sides.map((axis) => fixedSize(input.shape[axis]));
  if (height === undefined || width === undefined || height === width) return height ?? width;
  throw new TailrecError(
    "MODEL_INVALID",
    `${path}: its input ${describeValues([input])} takes pictures of ${height} x ${width}; only squares are supported`,
  );
}

/** Whether the graph takes pixels of 0 to 255 as they are. */
export function takesPixels({ type }: GraphValue): boolean {
  return !isFloating(type);
}

/** MODEL_INVALID when the graph cannot take what the preparation makes. */
export function requireFitting(path: string, input: GraphValue, image: ImagePreparation): void {
  const { size, layout = "channels-first", mean, std } = image;
  const channels = fixedSize(input.shape[AXES[layout].channels]) ?? CHANNELS;
  const side = fixedSide(path, input, layout) ?? size;
  const isPlain = mean.every((value) => value === 0) && std.every((value) => value === 1);
  const told = `${path}: its input is ${describeValues([input])}`;
  if (channels !== CHANNELS) {
    throw new TailrecError(
      "MODEL_INVALID",
      `${told}, pictures of ${channels} channels where ${CHANNELS} are expected (${layout}); correct image.layout in the manifest, or take an encoder of RGB pictures`,
    );
  }
  if (side !== size) {
    throw new TailrecError(
      "MODEL_INVALID",
      `${told}, pictures of ${side} x ${side}, and its settings say ${size}; correct the size in preprocessor_config.json, or image.size in the manifest`,
    );
  }
  if (!isPlain && takesPixels(input)) {
    throw new TailrecError(
      "MODEL_INVALID",
      `${told}, which takes pixels of 0 to 255; set image.mean to 0 and image.std to 1 in the manifest`,
    );
  }
}

/** Pictures of 3 planes each as the graph takes them. A graph of a fixed number gets copies of the last for those that are missing. */
export function pictureFeeds(input: GraphValue, planes: readonly Float32Array[], image: ImagePreparation): Feeds {
  const { size, layout = "channels-first" } = image;
  const count = fixedSize(input.shape[0]) ?? planes.length;
  const volume = CHANNELS * size * size;
  const values = new Float32Array(count * volume);
  for (let i = 0; i < count; i++) {
    const picture = planes[Math.min(i, planes.length - 1)];
    values.set(layout === "channels-last" ? interleaved(picture) : picture, i * volume);
  }
  if (takesPixels(input)) for (const [j, value] of values.entries()) values[j] = Math.round(BRIGHTEST * value);
  const shape = layout === "channels-last" ? [count, size, size, CHANNELS] : [count, CHANNELS, size, size];
  return { [input.name]: tensorOf(input.type, values, shape) };
}

/** Three planes as one of three values a pixel. */
function interleaved(planes: Float32Array): Float32Array {
  const area = planes.length / CHANNELS;
  return Float32Array.from(planes, (_, i) => planes[(i % CHANNELS) * area + Math.floor(i / CHANNELS)]);
}
