/** Options of the regressor f: features -> factors. */
import { z } from "zod";

export const regressorOptionsSchema = z.strictObject({
  regularization: z
    .union([z.literal("auto"), z.number().positive()])
    .default("auto")
    .describe("ridge penalty per training item, or auto: chosen on held-out warm items treated as cold"),
  candidates: z
    .array(z.number().positive())
    .min(1)
    .default([1e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1])
    .describe("penalties that auto tries"),
  holdoutShare: z
    .number()
    .gt(0)
    .lt(1)
    .default(0.2)
    .describe("share of the warm items held out to choose and to measure residuals"),
  minimumSupport: z.int().min(1).default(1).describe("an item teaches the regressor from this support on"),
  supportExponent: z.number().min(0).default(0).describe("an item weighs support^exponent; 0 weighs all alike"),
  seed: z.int().default(1).describe("seed of the holdout"),
});

export type RegressorOptions = z.input<typeof regressorOptionsSchema>;
export type ResolvedRegressorOptions = z.output<typeof regressorOptionsSchema>;
