/**
 * A given list of items, put in the order of this model: for another system's candidates, by their fit to a user vector
 * (with the tail dial) or their likeness to an item.
 */
import { z } from "zod";
import { rowOf } from "../../math/matrix.ts";
import { parseOptions } from "../../options.ts";
import { type Hit, type ItemIndex, likenessQuery, requireRow, searchIndex } from "./item-index.ts";
import { partOf } from "./part-index.ts";

export const rerankOptionsSchema = z.strictObject({
  count: z.int().positive().optional().describe("how many items to keep; all of them when absent"),
  tail: z.number().min(0).max(1).default(0).describe("for a user vector: 0 dot product, 1 cosine"),
});

export type RerankOptions = z.input<typeof rerankOptionsSchema>;

/** What to order by: a user vector (d values), or an item of the index. */
export type RerankTarget = { readonly userVector: Float32Array } | { readonly item: number };

/** The candidate rows (repeated ones once), best first, ties by lower row. Throws INVALID_ARGUMENT. */
export async function rerankItems(
  index: ItemIndex,
  candidates: ArrayLike<number>,
  target: RerankTarget,
  options: RerankOptions = {},
): Promise<Hit[]> {
  const { count, tail } = parseOptions(rerankOptionsSchema, options, "rerank");
  const rows = [...new Set(Array.from(candidates))].sort((a, b) => a - b);
  for (const row of rows) requireRow(index, row);
  const { query, normExponent } = queryOf(index, target, tail);
  const hits = await searchIndex(partOf(index, rows), query, { count: count ?? rows.length, normExponent });
  return hits.map(({ row, score }) => ({ row: rows[row], score }));
}

function queryOf(index: ItemIndex, target: RerankTarget, tail: number): { query: Float32Array; normExponent: number } {
  if ("userVector" in target) return { query: target.userVector, normExponent: tail };
  requireRow(index, target.item);
  return likenessQuery(index, rowOf(index.vectors, target.item));
}
