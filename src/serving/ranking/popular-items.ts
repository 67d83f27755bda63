/**
 * Items for someone whom the model does not know, as a fallback: what the group of users takes most whose centre is nearest to
 * whatever is known of them, or what everybody takes most where nothing is.
 */
import { z } from "zod";
import { nearestGroup, type UserGroups } from "../../baselines/popular-in-cluster.ts";
import { rowOf } from "../../math/matrix.ts";
import { parseOptions } from "../../options.ts";
import type { Hit } from "./item-index.ts";

export const popularItemsOptionsSchema = z.strictObject({
  count: z.int().positive().default(10).describe("how many items to list"),
});

export interface PopularItemsOptions extends z.input<typeof popularItemsOptionsSchema> {
  /** A user vector (d values), such as that of a fold-in; the overall popularity without one. */
  readonly like?: Float32Array;
  /** Rows that are not listed. */
  readonly exclude?: Iterable<number>;
}

/** The best items by the group's counts, best first, ties by lower row; items that nobody took are not listed. */
export function popularItems(
  groups: Pick<UserGroups, "centers" | "counts">,
  { like, exclude = [], ...options }: PopularItemsOptions = {},
): Hit[] {
  const { count } = parseOptions(popularItemsOptionsSchema, options, "popular items");
  const excluded = new Set(exclude);
  const hits = Array.from(rowOf(groups.counts, nearestGroup(groups, like)), (score, row) => ({ row, score }));
  return hits
    .filter(({ row, score }) => score > 0 && !excluded.has(row))
    .sort((a, b) => b.score - a.score || a.row - b.row)
    .slice(0, count);
}
