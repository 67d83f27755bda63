/** How pictures are prepared, read from the preprocessor_config.json that transformers leaves beside its weights. */
import { z } from "zod";
import { TailrecError } from "../../errors.ts";
import { readSettings } from "../models/folder-files.ts";
import type { ImagePreparation } from "./image-preparation.ts";

export interface ImageSettings {
  readonly image: ImagePreparation;
  /** Settings that no file said. */
  readonly assumed: readonly string[];
}

type Triple = [number, number, number];

const triple = z.tuple([z.number(), z.number(), z.number()]);
const sizeSchema = z.union([
  z.int().positive(),
  z.looseObject({ shortest_edge: z.int().positive() }),
  z.looseObject({ height: z.int().positive(), width: z.int().positive() }),
]);
const preprocessorSchema = z.looseObject({
  size: sizeSchema.default(224),
  crop_size: sizeSchema.nullish(),
  do_center_crop: z.boolean().nullish(),
  crop_pct: z.number().positive().nullish(),
  do_normalize: z.boolean().default(true),
  do_rescale: z.boolean().nullish(),
  rescale_factor: z.number().positive().nullish(),
  rescale_offset: z.boolean().nullish(),
  do_flip_channel_order: z.boolean().nullish(),
  include_top: z.boolean().nullish(),
  image_processor_type: z.string().nullish(),
  feature_extractor_type: z.string().nullish(),
  resample: z.int().default(2),
  image_mean: triple.nullish(),
  image_std: triple.nullish(),
});

type Preprocessor = z.output<typeof preprocessorSchema>;

/** Filters by Pillow's numbers. */
const FILTERS: Readonly<Record<number, ImagePreparation["filter"]>> = {
  1: "lanczos",
  2: "bilinear",
  3: "bicubic",
};
const BRIGHTEST = 255;
const IMAGENET_MEAN: Triple = [0.485, 0.456, 0.406];
const IMAGENET_CROP = 224 / 256;
/** From this side on ConvNext takes the whole picture. */
const CONVNEXT_UNCROPPED = 384;
const IMAGENET_STD: Triple = [0.229, 0.224, 0.225];

/** `side` is that of the graph, for a folder without settings. MODEL_INVALID when the file asks for what is not supported. */
export async function readImageSettings(folder: string, side = 224): Promise<ImageSettings> {
  const settings = await readSettings(folder, "preprocessor_config.json", preprocessorSchema);
  const given = settings ?? preprocessorSchema.parse({ size: side, crop_pct: IMAGENET_CROP });
  const filter = FILTERS[given.resample];
  if (filter === undefined) {
    throw new TailrecError(
      "MODEL_INVALID",
      `${folder}: preprocessor_config.json asks for resampling filter ${given.resample}; supported are 1 (lanczos), 2 (bilinear) and 3 (bicubic)`,
    );
  }
  const image = {
    ...squareOf(given),
    filter,
    ...scaleOf(given),
  };
  const nothing = `the preparation of ImageNet (short side ${Math.floor(side / IMAGENET_CROP)}, centre ${side}, its mean and deviation)`;
  return { image, assumed: settings === null ? [nothing] : [] };
}

/**
 * Mean and deviation of values in [0, 1], which exporters give for pixels p of 0 to 255 behind their own scale s and offset o:
 *
 *   (s p - o - m) / d  =  (p / 255 - (m + o) / (255 s)) / (d / (255 s))
 */
function scaleOf(given: Preprocessor): Pick<ImagePreparation, "channelOrder" | "mean" | "std"> {
  const factor = given.do_rescale === false ? 1 : (given.rescale_factor ?? 1 / BRIGHTEST);
  // Exporters write 1 / 255 in a few digits.
  const scale = Math.abs(BRIGHTEST * factor - 1) < 1e-6 ? 1 : BRIGHTEST * factor;
  const offset = given.rescale_offset === true ? 1 : 0;
  // EfficientNet with its classifier divides by the deviation twice.
  const power = typeOf(given).startsWith("EfficientNet") && given.include_top !== false ? 2 : 1;
  const mean = given.do_normalize ? (given.image_mean ?? IMAGENET_MEAN) : [0, 0, 0];
  const std = given.do_normalize ? (given.image_std ?? IMAGENET_STD) : [1, 1, 1];
  const means = inOrder(mean.map((value) => (value + offset) / scale));
  const stds = inOrder(std.map((value) => value ** power / scale));
  // The order is turned after the scaling.
  if (given.do_flip_channel_order !== true) return { channelOrder: "rgb", mean: means, std: stds };
  return { channelOrder: "bgr", mean: inOrder(means.toReversed()), std: inOrder(stds.toReversed()) };
}

function inOrder([first, second, third]: readonly number[]): Triple {
  return [first, second, third];
}

function typeOf({ image_processor_type: processor, feature_extractor_type: extractor }: Preprocessor): string {
  return processor ?? extractor ?? "";
}

/** crop_pct: the short side is scaled to size / crop_pct and the middle of that size cut out, as ConvNext does. */
function squareOf(given: Preprocessor): Pick<ImagePreparation, "size" | "resize"> {
  const { size, crop_size, do_center_crop } = given;
  const side = sideOf(size);
  const isConvNext = typeOf(given).startsWith("ConvNext");
  if (isConvNext && side >= CONVNEXT_UNCROPPED) return { size: side, resize: { rule: "stretch" } };
  const crop_pct = given.crop_pct ?? (isConvNext ? IMAGENET_CROP : null);
  if (crop_pct) return { size: side, resize: { rule: "crop", shortSide: Math.floor(side / crop_pct) } };
  const keepsShape = typeof size === "number" || "shortest_edge" in size;
  if (do_center_crop === false || !crop_size) {
    return {
      size: side,
      resize: keepsShape && do_center_crop ? { rule: "crop", shortSide: side } : { rule: "stretch" },
    };
  }
  return { size: sideOf(crop_size), resize: { rule: "crop", shortSide: side } };
}

function sideOf(size: z.output<typeof sizeSchema>): number {
  if (typeof size === "number") return size;
  if ("shortest_edge" in size) return Number(size.shortest_edge);
  if (size.height === size.width) return Number(size.height);
  throw new TailrecError(
    "MODEL_INVALID",
    `preprocessor_config.json: expected a square, received ${size.width} x ${size.height}; only square inputs are supported`,
  );
}
