/** The items nearest to an item, or to a vector such as a new item's, by the metric of the index. */
import { z } from "zod";
import { rowOf } from "../../math/matrix.ts";
import { parseOptions } from "../../options.ts";
import { type Candidates, type Hit, type ItemIndex, likenessQuery, requireRow, searchIndex } from "./item-index.ts";
import { knownNeighbours } from "./known-neighbours.ts";

export type { Hit } from "./item-index.ts";

export const similarOptionsSchema = z.strictObject({
  count: z.int().positive().default(10).describe("how many items to list"),
});

export type SimilarOptions = z.input<typeof similarOptionsSchema>;

/** The nearest items of item `row`, best first; never the item itself. Throws INVALID_ARGUMENT. */
export async function similarItems(
  index: ItemIndex,
  row: number,
  { exclude = [], ...request }: SimilarOptions & Candidates = {},
): Promise<Hit[]> {
  requireRow(index, row);
  const { allow, ...options } = request;
  const { count } = parseOptions(similarOptionsSchema, options, "similar");
  const known = await knownNeighbours(index, row, { count, exclude, allow });
  return known ?? similarToVector(index, rowOf(index.vectors, row), { ...request, exclude: [row, ...exclude] });
}

/** The items nearest to `vector` (d values), best first. Throws INVALID_ARGUMENT. */
export async function similarToVector(
  index: ItemIndex,
  vector: Float32Array,
  { exclude, allow, ...options }: SimilarOptions & Candidates = {},
): Promise<Hit[]> {
  const { count } = parseOptions(similarOptionsSchema, options, "similar");
  const { query, normExponent } = likenessQuery(index, vector);
  return searchIndex(index, query, { count, exclude, allow, normExponent });
}
