/**
 * The item index: the served vectors h, their lengths, and exact search over them. Every search is one product with all
 * items; an item's score is q.h / |h|^e with an exponent e in [0, 1]: 0 is the dot product, 1 the cosine (for |q| = 1).
 */
import { z } from "zod";
import { TailrecError } from "../errors.ts";
import { type ComputeBackend, defaultBackend } from "../math/compute/backend.ts";
import { sharedMatrix } from "../math/compute/shared-memory.ts";
import { type Matrix, rowOf, type SparseMatrix } from "../math/matrix.ts";
import { parseOptions } from "../options.ts";

export const itemIndexOptionsSchema = z.strictObject({
  metric: z.enum(["cosine", "dot"]).default("cosine").describe("likeness of two items: cosine, or dot product"),
});

export type ItemIndexOptions = z.input<typeof itemIndexOptionsSchema>;

export interface ItemIndex {
  /** n x d. */
  readonly vectors: Matrix;
  /** |h|: n. */
  readonly norms: Float64Array;
  readonly metric: "cosine" | "dot";
  readonly backend: ComputeBackend;
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
  return { vectors: sharedMatrix(vectors), norms, metric, backend: backend ?? defaultBackend() };
}

export interface Search extends Candidates {
  readonly count: number;
  /** e: the exponent of the item's length that is divided out. */
  readonly normExponent: number;
}

/** The best `count` items for `query` (d values), best first, ties by lower row. */
export async function searchIndex(index: ItemIndex, query: Float32Array, search: Search): Promise<Hit[]> {
  const { vectors, backend } = index;
  const count = Math.min(search.count, vectors.rows);
  if (count === 0) return [];
  const found = await backend.topK({
    queries: { rows: 1, columns: query.length, values: query },
    items: vectors,
    count,
    ...(search.exclude && { exclude: excludedRows(index, search.exclude) }),
    ...(search.allow && { allow: search.allow }),
    ...(search.normExponent > 0 && { itemScale: normScale(index.norms, search.normExponent) }),
  });
  const hits = Array.from(found.items, (row, place) => ({ row, score: found.scores[place] }));
  return hits.filter(({ row }) => row !== -1);
}

/** The query and exponent by which the index's metric finds what is like `vector`. */
export function likenessQuery(index: ItemIndex, vector: Float32Array): { query: Float32Array; normExponent: 0 | 1 } {
  return index.metric === "cosine"
    ? { query: directionOf(vector), normExponent: 1 }
    : { query: vector, normExponent: 0 };
}

/** |h|^-e; 0 for an item of length 0, which is like nothing. */
function normScale(norms: Float64Array, exponent: number): Float32Array {
  return Float32Array.from(norms, (norm) => (norm > 0 ? norm ** -exponent : 0));
}

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

function normOf(vector: Float32Array): number {
  let sum = 0;
  for (const value of vector) sum += value * value;
  return Math.sqrt(sum);
}
