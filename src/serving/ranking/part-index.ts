/** A search among some items: their rows alone are multiplied, which pays where rules leave few. The answer is that of a mask. */
import type { TopK } from "../../math/compute/compute-backend.ts";
import { lowerBound } from "../../math/lower-bound.ts";
import { type Matrix, type SparseMatrix, takeRows } from "../../math/matrix.ts";
import { type BlockSearch, type ItemIndex, normScales, searchBlock } from "./item-index.ts";

/** Where flags leave at most this share of the items, copying their rows is cheaper than multiplying all. */
const FEW = 0.3;

/** So few queries are answered from the codes, which are read where the flags let an item through and nowhere else. */
const FEW_QUERIES = 4;

/** As `searchBlock`. */
export async function searchAmong(index: ItemIndex, queries: Matrix, search: BlockSearch): Promise<TopK> {
  const { allow, exclude } = search;
  const isCoded = index.codes !== undefined && queries.rows <= FEW_QUERIES;
  const rows = allow && !isCoded ? allowedRows(allow, FEW * index.vectors.rows) : undefined;
  if (rows === undefined) return searchBlock(index, queries, search);
  if (rows.length === 0) return { count: 0, items: new Int32Array(), scores: new Float32Array() };
  const part = partOf(index, rows);
  const found = await searchBlock(part, queries, {
    ...search,
    allow: undefined,
    exclude: exclude && columnsAmong(exclude, rows),
  });
  return { ...found, items: found.items.map((row) => (row < 0 ? row : rows[row])) };
}

/** The index over some of its rows, which are numbered anew in their order. */
export function partOf(index: ItemIndex, rows: ArrayLike<number>): ItemIndex {
  const norms = Float64Array.from(rows, (row) => index.norms[row]);
  return {
    ...index,
    vectors: takeRows(index.vectors, rows),
    norms,
    listable: index.listable && Uint8Array.from(rows, (row) => index.listable?.[row] ?? 1),
    scale: normScales(norms),
    codes: undefined,
    graph: undefined,
    neighbours: undefined,
  };
}

/** Undefined where there are more than so many. */
function allowedRows(allow: Uint8Array, most: number): Uint32Array | undefined {
  let count = 0;
  for (const flag of allow) count += flag;
  if (count > most) return undefined;
  const rows = new Uint32Array(count);
  let place = 0;
  for (let row = 0; row < allow.length; row++) if (allow[row] === 1) rows[place++] = row;
  return rows;
}

/** The pattern over the given columns, ascending, numbered anew. */
function columnsAmong({ rows, indptr, indices }: SparseMatrix, columns: Uint32Array): SparseMatrix {
  const kept: number[] = [];
  const ends = new Uint32Array(rows + 1);
  for (let row = 0; row < rows; row++) {
    for (let p = indptr[row]; p < indptr[row + 1]; p++) {
      const place = lowerBound(columns, indices[p]);
      if (columns[place] === indices[p]) kept.push(place);
    }
    ends[row + 1] = kept.length;
  }
  const values = new Float32Array(kept.length).fill(1);
  return { rows, columns: columns.length, indptr: ends, indices: Uint32Array.from(kept), values };
}
