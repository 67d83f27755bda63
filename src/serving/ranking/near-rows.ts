/**
 * Search by way of a graph of neighbours: it proposes a few more rows than are asked for, and these are scored exactly. What the graph
 * cannot serve (flags, another exponent, long lists) is left to the search that looks at every item.
 */
import type { ComputeBackend, TopK } from "../../math/compute/compute-backend.ts";
import type { NeighbourGraph } from "../../math/compute/search/neighbour-graph.ts";
import { type Matrix, rowRange, type SparseMatrix, takeRows } from "../../math/matrix.ts";

interface Asked {
  readonly count: number;
  readonly exclude?: SparseMatrix;
  readonly normExponent: number;
}

/** What is searched: n x d, with |h|^-e of every row. */
interface Searched {
  readonly vectors: Matrix;
  scale(exponent: number): Float32Array;
  readonly backend: ComputeBackend;
  readonly graph?: NeighbourGraph;
}

/** Rows proposed for every row asked for, and beyond which a graph is no faster than a look at all. */
const MORE = 3;
const LEAST = 64;
const MOST = 1024;

/** Candidates of every query without those that it excludes, ascending; undefined where the graph cannot serve the search. */
export function nearRows(
  { graph }: Searched,
  queries: Matrix,
  { count, exclude, normExponent }: Asked,
): Uint32Array[] | undefined {
  if (graph === undefined || graph.normExponent !== normExponent || queries.rows === 0) return undefined;
  const width = Math.max(LEAST, MORE * count) + mostExcluded(exclude);
  if (width > Math.min(MOST, graph.rows)) return undefined;
  return graph.nearest(queries, width).map((rows, i) => without(rows, exclude, i));
}

/** As `searchBlock` among the candidates of each query: best first, ties by lower row; -1 where they are too few. */
export async function bestAmong(
  { vectors, scale, backend }: Searched,
  queries: Matrix,
  candidates: readonly Uint32Array[],
  { count, normExponent }: Asked,
): Promise<TopK> {
  const items = new Int32Array(queries.rows * count).fill(-1);
  const scores = new Float32Array(queries.rows * count).fill(Number.NEGATIVE_INFINITY);
  const scales = normExponent > 0 ? scale(normExponent) : undefined;
  for (const [i, rows] of candidates.entries()) {
    const found = await backend.topK({
      queries: rowRange(queries, i, i + 1),
      items: takeRows(vectors, rows),
      count: Math.min(count, rows.length),
      ...(scales && { itemScale: Float32Array.from(rows, (row) => scales[row]) }),
    });
    items.set(
      found.items.map((place) => (place < 0 ? -1 : rows[place])),
      i * count,
    );
    scores.set(found.scores, i * count);
  }
  return { count, items, scores };
}

function mostExcluded(exclude: SparseMatrix | undefined): number {
  if (exclude === undefined) return 0;
  let most = 0;
  for (let i = 0; i < exclude.rows; i++) most = Math.max(most, exclude.indptr[i + 1] - exclude.indptr[i]);
  return most;
}

function without(rows: Uint32Array, exclude: SparseMatrix | undefined, query: number): Uint32Array {
  if (exclude === undefined) return rows;
  const left = new Set(exclude.indices.subarray(exclude.indptr[query], exclude.indptr[query + 1]));
  return rows.filter((row) => !left.has(row));
}
