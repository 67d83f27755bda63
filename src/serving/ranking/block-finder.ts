/** Candidates for a block of queries, by exact search: what lists under rules are made from. */

import type { TopK } from "../../math/compute/compute-backend.ts";
import { type Matrix, rowOf, type SparseMatrix, takeRows, takeSparseRows, zeros } from "../../math/matrix.ts";
import { normScale } from "../../math/row-norms.ts";
import type { ScoreSpread } from "../../rules/rule-kind.ts";
import type { Finder } from "./finder.ts";
import type { BlockSearch, Hit, ItemIndex } from "./item-index.ts";
import { searchAmong } from "./part-index.ts";

export interface QueryBlock {
  /** b x d. */
  readonly queries: Matrix;
  /** b x n: what is never listed. */
  readonly exclude: SparseMatrix;
  readonly normExponent: number;
}

/** Finds by the score of the index; with `reach`, by the score and so many standard deviations more. */
export function blockFinder(index: ItemIndex, block: QueryBlock, spread: () => ScoreSpread): Finder {
  return async ({ owners, count, allow, exclude, reach }) => {
    const { queries, normExponent } = block;
    const isWhole = owners.length === queries.rows;
    const asked = isWhole ? queries : takeRows(queries, owners);
    const known = isWhole ? block.exclude : takeSparseRows(block.exclude, owners);
    const search = { count, allow, exclude: withRows(known, exclude), normExponent };
    if (reach === 0) return hitsOf(await searchAmong(index, asked, search), owners.length);
    return reachingHits(index, asked, search, { ...spread(), reach });
  };
}

/** The score of item i is w.h_i / |h_i|^e, and it is chosen by (w.h_i + r s(w) u_i) / |h_i|^e: one more column of both. */
async function reachingHits(
  index: ItemIndex,
  queries: Matrix,
  search: BlockSearch,
  { uncertainty, ofQuery, reach }: ScoreSpread & { readonly reach: number },
): Promise<Hit[][]> {
  const added = Float32Array.from({ length: queries.rows }, (_, i) => reach * ofQuery(rowOf(queries, i)));
  const wider = { ...index, vectors: withColumn(index.vectors, uncertainty), codes: undefined, graph: undefined };
  const lists = hitsOf(await searchAmong(wider, withColumn(queries, added), search), queries.rows);
  return lists.map((hits, i) =>
    hits.map(({ row, score }) => {
      const scale = normScale(index.norms[row], search.normExponent);
      return { row, score: score - added[i] * uncertainty[row] * scale };
    }),
  );
}

function withColumn({ rows, columns, values }: Matrix, column: Float32Array): Matrix {
  const wider = zeros(rows, columns + 1);
  for (let i = 0; i < rows; i++) {
    wider.values.set(values.subarray(i * columns, (i + 1) * columns), i * (columns + 1));
    wider.values[i * (columns + 1) + columns] = column[i];
  }
  return wider;
}

/** The pattern with more columns in some rows. */
function withRows(pattern: SparseMatrix, more: readonly (readonly number[])[]): SparseMatrix {
  if (more.every((rows) => rows.length === 0)) return pattern;
  const rows = more.map((own, i) => {
    const known = pattern.indices.subarray(pattern.indptr[i], pattern.indptr[i + 1]);
    return Uint32Array.from(new Set([...known, ...own])).sort();
  });
  const indptr = new Uint32Array(rows.length + 1);
  for (const [i, own] of rows.entries()) indptr[i + 1] = indptr[i] + own.length;
  const indices = new Uint32Array(indptr[rows.length]);
  for (const [i, own] of rows.entries()) indices.set(own, indptr[i]);
  return { ...pattern, indptr, indices, values: new Float32Array(indices.length).fill(1) };
}

function hitsOf({ items, scores, count }: TopK, lists: number): Hit[][] {
  return Array.from({ length: lists }, (_, list) => {
    const hits: Hit[] = [];
    for (let at = list * count; at < (list + 1) * count && items[at] >= 0; at++) {
      hits.push({ row: items[at], score: scores[at] });
    }
    return hits;
  });
}
