/**
 * The item index: the served vectors h, their lengths, and exact search over them. Every search is one product with all
 * items; an item's score is q.h / |h|^e with an exponent e in [0, 1]: 0 is the dot product, 1 the cosine (for |q| = 1).
 * For likeness there is the projection too, q.h / |q|: the cosine times the length of the listed item.
 */
import { z } from "zod";
import { TailrecError } from "../../errors.ts";
import { type ComputeBackend, defaultBackend } from "../../math/compute/backend.ts";
import type { TopK } from "../../math/compute/compute-backend.ts";
import { encodeItems, type ItemCodes } from "../../math/compute/search/item-codes.ts";
import type { NeighbourGraph } from "../../math/compute/search/neighbour-graph.ts";
import { topKTogether } from "../../math/compute/search/top-k-batches.ts";
import { shared, sharedMatrix } from "../../math/compute/shared-memory.ts";
import { dot } from "../../math/cosine.ts";
import { type Matrix, rowOf, type SparseMatrix, takeRows } from "../../math/matrix.ts";
import { normScale } from "../../math/row-norms.ts";
import { once } from "../../once.ts";
import { parseOptions } from "../../options.ts";
import { allOf } from "../../rules/attributes.ts";
import { bestAmong, nearRows } from "./near-rows.ts";
import type { NeighbourTable } from "./neighbour-table.ts";

export const itemIndexOptionsSchema = z.strictObject({
  metric: z
    .enum(["cosine", "dot", "projection"])
    .default("cosine")
    .describe("likeness of two items: cosine, dot product, or the cosine times the length of the listed one"),
});

export type ItemIndexOptions = z.input<typeof itemIndexOptionsSchema>;

export interface ItemIndex {
  /** n x d. */
  readonly vectors: Matrix;
  /** |h|: n. */
  readonly norms: Float64Array;
  readonly metric: "cosine" | "dot" | "projection";
  readonly backend: ComputeBackend;
  /** n flags: 0 for items that no search finds; all are found where absent. */
  readonly listable?: Uint8Array;
  /** |h|^-e: n, made when it is first asked for; 0 for an item of length 0, which is like nothing. */
  scale(exponent: number): Float32Array;
  /** The vectors in 8 bits, made when they are first asked for; absent where searches are as quick without. */
  codes?(): ItemCodes;
  /** Of the vectors; searches at its exponent among all items go through it, all others look at every item. */
  readonly graph?: NeighbourGraph;
  /** Kept lists of likeness, where a service keeps them. */
  readonly neighbours?: NeighbourTable;
}

export interface Hit {
  readonly row: number;
  readonly score: number;
}

/** Which items may be listed. */
export interface Candidates {
  /** Rows that are not listed. */
  readonly exclude?: Iterable<number>;
  /** n flags: items with 0 are not listed. */
  readonly allow?: Uint8Array;
}

/** An index over the rows of `vectors` (n x d). Throws INVALID_ARGUMENT on a row that is not finite. */
export function createItemIndex(vectors: Matrix, options: ItemIndexOptions = {}, backend?: ComputeBackend): ItemIndex {
  const { metric } = parseOptions(itemIndexOptionsSchema, options, "item index");
  const norms = Float64Array.from({ length: vectors.rows }, (_, row) => normOf(rowOf(vectors, row)));
  const broken = norms.findIndex((norm) => !Number.isFinite(norm));
  if (broken !== -1)
    throw new TailrecError(
      "INVALID_ARGUMENT",
      `expected finite vectors, received ${rowOf(vectors, broken)} in row ${broken}`,
    );
  const items = sharedMatrix(vectors);
  return {
    vectors: items,
    norms,
    metric,
    backend: backend ?? defaultBackend(),
    scale: normScales(norms),
    ...(items.rows >= WORTH_CODES && { codes: once(() => encodeItems(items)) }),
  };
}

/** Fewer items are read in the time that their bounds take. */
const WORTH_CODES = 4096;

export interface Search extends Candidates {
  readonly count: number;
  /** e: the exponent of the item's length that is divided out. */
  readonly normExponent: number;
}

/** What `searchBlock` looks for: `exclude` holds the items that each query must not be answered with, n x items. */
export interface BlockSearch extends Omit<Search, "exclude"> {
  readonly exclude?: SparseMatrix;
}

/** The best `count` items for each of n queries (n x d), best first, ties by lower row; at most as many as there are items. */
export async function searchBlock(
  index: ItemIndex,
  queries: Matrix,
  { count, exclude, allow: asked, normExponent }: BlockSearch,
): Promise<TopK> {
  const { vectors, backend } = index;
  const allow = both(index.listable, asked);
  const near = allow === undefined ? nearRows(index, queries, { count, exclude, normExponent }) : undefined;
  if (near !== undefined) return bestAmong(index, queries, near, { count, exclude, normExponent });
  return topKTogether(backend, {
    queries,
    items: vectors,
    count: Math.min(count, vectors.rows),
    ...(exclude && { exclude }),
    ...(allow && { allow }),
    ...(normExponent > 0 && { itemScale: index.scale(normExponent) }),
    ...(queries.rows <= FEW_QUERIES && index.codes && { codes: index.codes() }),
  });
}

/** More are a product of matrices, which reads every vector once for all of them. */
const FEW_QUERIES = 4;

/** 1 where both flags are; flags that are absent are 1 everywhere. */
export function both(a: Uint8Array | undefined, b: Uint8Array | undefined): Uint8Array | undefined {
  return a === undefined || b === undefined ? (a ?? b) : allOf([a, b]);
}

/** The best `count` items for `query` (d values), best first, ties by lower row. */
export async function searchIndex(index: ItemIndex, query: Float32Array, search: Search): Promise<Hit[]> {
  if (search.count === 0 || index.vectors.rows === 0) return [];
  const queries = { rows: 1, columns: query.length, values: query };
  const exclude = search.exclude && excludedRows(index, search.exclude);
  const found = await searchBlock(index, queries, { ...search, exclude });
  const hits = Array.from(found.items, (row, place) => ({ row, score: found.scores[place] }));
  return hits.filter(({ row }) => row !== -1);
}

/** The query and exponent by which the index's metric finds what is like `vector`. */
export function likenessQuery(index: ItemIndex, vector: Float32Array): { query: Float32Array; normExponent: 0 | 1 } {
  return { query: index.metric === "dot" ? vector : directionOf(vector), normExponent: likenessExponent(index) };
}

/** The exponent of an item's length that is divided out of its likeness. */
export function likenessExponent({ metric }: ItemIndex): 0 | 1 {
  return metric === "cosine" ? 1 : 0;
}

/** The same for some items at once: queries n x d. */
export function likenessQueries(index: ItemIndex, rows: Uint32Array): { queries: Matrix; normExponent: 0 | 1 } {
  const queries = takeRows(index.vectors, rows);
  for (let i = 0; i < rows.length; i++) rowOf(queries, i).set(likenessQuery(index, rowOf(queries, i)).query);
  return { queries, normExponent: likenessExponent(index) };
}

/** A search for the one of some items that an item is nearest to, by the cosine: its row, ties to the first; -1 among none. */
export function createNearest({ vectors, norms }: ItemIndex): (row: number, among: ArrayLike<number>) => number {
  const { columns, values } = vectors;
  return (row, among) => {
    let nearest = -1;
    let highest = Number.NEGATIVE_INFINITY;
    for (let j = 0; j < among.length; j++) {
      const other = among[j];
      let product = 0;
      for (let d = 0; d < columns; d++) product += values[row * columns + d] * values[other * columns + d];
      const cosine = norms[other] > 0 ? product / norms[other] : 0;
      if (cosine <= highest) continue;
      highest = cosine;
      nearest = other;
    }
    return nearest;
  };
}

/** |h|^-e by exponent, kept. */
export function normScales(norms: Float64Array): ItemIndex["scale"] {
  const kept = new Map<number, Float32Array>();
  return (exponent) => {
    const known = kept.get(exponent);
    if (known !== undefined) return known;
    const scale = shared(Float32Array.from(norms, (norm) => normScale(norm, exponent)));
    // The dial has a few positions; whoever asks for a thousand must not fill the memory.
    if (kept.size >= KEPT_SCALES) kept.clear();
    kept.set(exponent, scale);
    return scale;
  };
}

export const KEPT_SCALES = 16;

/** The direction of a vector; zeros stay zeros. */
function directionOf(vector: Float32Array): Float32Array {
  const norm = normOf(vector);
  return norm > 0 ? vector.map((value) => value / norm) : vector;
}

/** Throws INVALID_ARGUMENT for a row that the items do not have. */
export function requireRow({ vectors }: Pick<ItemIndex, "vectors">, row: number): void {
  if (Number.isInteger(row) && row >= 0 && row < vectors.rows) return;
  throw new TailrecError("INVALID_ARGUMENT", `expected an item row in 0..${vectors.rows - 1}, received ${row}`);
}

function excludedRows(index: ItemIndex, rows: Iterable<number>): SparseMatrix {
  const distinct = [...new Set(rows)].sort((a, b) => a - b);
  for (const row of distinct) requireRow(index, row);
  const indices = Uint32Array.from(distinct);
  const indptr = Uint32Array.of(0, indices.length);
  return { rows: 1, columns: index.vectors.rows, indptr, indices, values: new Float32Array(indices.length).fill(1) };
}

export function normOf(vector: Float32Array): number {
  return Math.sqrt(dot(vector, vector));
}
