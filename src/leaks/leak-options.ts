/** From where on a leak is more than a property of the data: the `evaluation.leaks` part of a pipeline file. */
import { z } from "zod";

export const leakOptionsSchema = z.strictObject({
  textSimilarity: z
    .number()
    .gt(0)
    .max(1)
    .default(0.8)
    .describe("texts are near-duplicates from this share of common three-word runs (Jaccard) on"),
  maximumDuplicates: z
    .number()
    .min(0)
    .max(1)
    .default(0.25)
    .describe("largest share of cold items with a near-duplicate among the training items, by text or by picture"),
  maximumCorrelation: z
    .number()
    .gt(0)
    .max(1)
    .default(0.8)
    .describe("an attribute whose rank correlation with an item's support reaches this is taken to be made from it"),
  maximumSameUsers: z
    .number()
    .min(0)
    .max(1)
    .default(0.005)
    .describe("largest share of the users whose id is that of another in other letter case, spacing or zeros"),
});

export type LeakOptions = z.output<typeof leakOptionsSchema>;
