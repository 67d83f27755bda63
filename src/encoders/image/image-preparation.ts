/** How pictures are prepared for a vision graph, as its manifest says it. */
import { z } from "zod";
import { normalise, type TaskManifest } from "../models/common-manifest.ts";

const triple = z.tuple([z.number(), z.number(), z.number()]);

export const imagePreparationSchema = z.strictObject({
  size: z.int().positive().describe("side of the square that the graph takes, in pixels"),
  resize: z
    .discriminatedUnion("rule", [
      z.strictObject({ rule: z.literal("crop"), shortSide: z.int().positive() }),
      z.strictObject({ rule: z.literal("stretch") }),
    ])
    .describe("crop: scale the short side, then cut the central square; stretch: scale both sides to the square"),
  filter: z.enum(["bilinear", "bicubic", "lanczos"]).describe("resampling filter, as Pillow defines it"),
  channelOrder: z.enum(["rgb", "bgr"]).describe("order of the colour planes"),
  layout: z
    .enum(["channels-first", "channels-last"])
    .optional()
    .describe("order of the input's dimensions: n x 3 x size x size, which is usual, or n x size x size x 3"),
  mean: triple.describe("subtracted from values in [0, 1], in channel order"),
  std: triple.describe("divides the difference, in channel order"),
  pooling: z
    .enum(["mean", "cls"])
    .optional()
    .describe("of an output of several tokens a picture: their mean or the first; absent when the graph gives vectors"),
  normalise: normalise.optional(),
});

export type ImagePreparation = z.output<typeof imagePreparationSchema>;
export type ImageManifest = TaskManifest<"image", ImagePreparation>;
