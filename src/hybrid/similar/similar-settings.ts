/**
 * How two items are compared: the weights of what is known of them. The family is spanned by the models that it competes with. One
 * weight alone gives the cosine of plain ALS, of co-occurrence (item-knn), of the prior (regression) or of content (content-knn).
 */
import { z } from "zod";

export const SIMILAR_PARTS = ["factors", "coOccurrence", "prior", "content"] as const;

/** factors: plain ALS; coOccurrence: who took both; prior: f(x); content: z(x). */
export type SimilarPart = (typeof SIMILAR_PARTS)[number];

/** What fades with support: the parts that behaviour alone gives. */
export const BEHAVIOUR: readonly SimilarPart[] = ["factors", "coOccurrence"];

const weight = z.number().min(0);

export const similarSettingsSchema = z.strictObject({
  factors: weight.describe("weight of the factors of plain ALS"),
  coOccurrence: weight.describe("weight of who took both"),
  prior: weight.describe("weight of the factors that content predicts"),
  content: weight.describe("weight of the content channel's axes"),
  fade: z
    .number()
    .min(0)
    .describe(
      "support at which the squared weight of both parts of behaviour is half of what it comes to; 0: always whole",
    ),
  popularity: z
    .number()
    .min(0)
    .max(1)
    .describe(
      "length of an item: (1 + support) to this power, so that of items as much alike the popular one comes first",
    ),
});

export type SimilarSettings = z.output<typeof similarSettingsSchema>;

/** An even mixture: where the search starts, and what stands where nothing can be measured. */
export const MIXTURE: SimilarSettings = {
  factors: 1,
  coOccurrence: 0.5,
  prior: 1,
  content: 1,
  fade: 3,
  popularity: 0.1,
};

/** One part alone, by the plain cosine. */
export function partAlone(part: SimilarPart): SimilarSettings {
  return { factors: 0, coOccurrence: 0, prior: 0, content: 0, fade: 0, popularity: 0, [part]: 1 };
}
