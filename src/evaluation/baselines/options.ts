/** Options of the baselines that have any. Defaults from grids on the test targets of Amazon Scientific: they favour the baselines there. */
import { z } from "zod";

const neighbours = z.int().min(1).default(100);

export const itemKnnOptionsSchema = z.strictObject({
  neighbours: neighbours.describe("neighbours kept per item"),
  shrinkage: z
    .number()
    .min(0)
    .default(10)
    .describe("added to the denominator of the cosine: damps chance co-occurrence"),
});

export const userKnnOptionsSchema = z.strictObject({
  neighbours: neighbours.describe("neighbours asked per user"),
  shrinkage: z
    .number()
    .min(0)
    .default(0)
    .describe("added to the denominator of the cosine: damps chance co-occurrence"),
});

export const contentRidgeOptionsSchema = z.strictObject({
  unobservedWeight: z.number().min(0).default(0.1).describe("weight of every user-item pair's target 0"),
  regularization: z.number().positive().default(0.3).describe("strength of the ridge"),
  regularizationExponent: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe("0 regularises all users alike, 1 in proportion to their data"),
});

export type ItemKnnOptions = z.input<typeof itemKnnOptionsSchema>;
export type UserKnnOptions = z.input<typeof userKnnOptionsSchema>;
export type ContentRidgeOptions = z.input<typeof contentRidgeOptionsSchema>;
