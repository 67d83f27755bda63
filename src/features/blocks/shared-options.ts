/** Options that several kinds of block have. */
import { z } from "zod";
import { dtypes } from "../../encoders/models/transformers-layout.ts";

export const weight = z
  .union([z.literal("auto"), z.number().positive()])
  .default(1)
  .describe("weight of the block against the others once standardised; auto: by what it tells of behaviour");

export const components = z
  .int()
  .positive()
  .nullable()
  .default(null)
  .describe("keep this many principal components of the block, fitted on training items; null keeps all");

export const whitening = z
  .number()
  .min(0)
  .max(1)
  .default(0)
  .describe("how far principal components are brought to equal variance: 0 leaves them, 1 makes them equal");

/** The encoder of a block, by default one that comes with tailrec. */
export function encoderOption(standard: string) {
  return z
    .string()
    .default(standard)
    .describe(
      "an encoder of models/ by name, the path of a manifest or of a folder in the layout of Transformers.js (./folder, relative to the pipeline), or a repository of the hub (owner/name)",
    );
}

export const dtype = z
  .enum(dtypes)
  .optional()
  .describe("which weights of a folder or repository: fp32 unless said, or smaller ones that it has, such as q8");
