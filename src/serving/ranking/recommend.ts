/**
 * Items for a user vector w, by w.h / |h|^tail: the tail dial. At 0 (the dot product) popular items, whose vectors are long,
 * come first; at 1 (the cosine) length no longer counts and the tail comes forward.
 */
import { z } from "zod";
import { parseOptions } from "../../options.ts";
import { type Candidates, type Hit, type ItemIndex, searchIndex } from "./item-index.ts";

export const recommendOptionsSchema = z.strictObject({
  count: z.int().positive().default(10).describe("how many items to list"),
  tail: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe("0: popular items first (dot product); 1: no regard to popularity (cosine)"),
});

export type RecommendOptions = z.input<typeof recommendOptionsSchema>;

/** The best items for `userVector` (d values), best first; `exclude` holds what the user has seen. Throws INVALID_ARGUMENT. */
export async function recommendItems(
  index: ItemIndex,
  userVector: Float32Array,
  { exclude, allow, ...options }: RecommendOptions & Candidates = {},
): Promise<Hit[]> {
  const { count, tail } = parseOptions(recommendOptionsSchema, options, "recommend");
  return searchIndex(index, userVector, { count, exclude, allow, normExponent: tail });
}
