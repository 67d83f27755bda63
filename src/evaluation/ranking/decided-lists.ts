/**
 * Lists for those who only ask where their targets stand, e.g. trials of settings. Items are searched in stretches, each as long as all
 * before it together and twice more. A query leaves when `count` items are better than its targets can be, whatever comes: none of
 * them is in its list then. The bound of a target's score, in float64, takes in how a sum of d products rounds in float32 (Higham 2002,
 * section 3.1), so every rank up to `count` is that of a whole search.
 */
import type { ComputeBackend, TopK } from "../../math/compute/compute-backend.ts";
import { sharedFloat32 } from "../../math/compute/shared-memory.ts";
import { steadyTopK } from "../../math/compute/steady-search.ts";
import { type Matrix, rowOf, type SparseMatrix, takeRows } from "../../math/matrix.ts";

export interface TargetSearch {
  /** q x d. */
  readonly queries: Matrix;
  /** m x d. */
  readonly items: Matrix;
  /** m factors of the items' scores. */
  readonly itemScale?: Float32Array;
  /** q x m: what no list holds, ascending within each row. */
  readonly exclude: SparseMatrix;
  /** q x m: what is asked for. */
  readonly targets: Pick<SparseMatrix, "indptr" | "indices">;
  /** Length of a list. */
  readonly count: number;
}

/** Items of the first stretch. Fewer than twice as many are not worth stretches. */
export const FIRST_STRETCH = 512;
const GROWTH = 3;

/** q x count places of items, best first. The list of a query that left holds none of its targets; -1 beyond the last item. */
export async function decidedLists(backend: Pick<ComputeBackend, "topK">, search: TargetSearch): Promise<Int32Array> {
  const { queries, items, count } = search;
  const bounds = targetBounds(search);
  const best = {
    count,
    items: new Int32Array(queries.rows * count).fill(-1),
    scores: new Float32Array(queries.rows * count).fill(Number.NEGATIVE_INFINITY),
  };
  let room: Float32Array | undefined;
  let asking = Uint32Array.from(bounds.keys()).filter((q) => bounds[q] > Number.NEGATIVE_INFINITY);
  for (let begin = 0, end = FIRST_STRETCH; begin < items.rows && asking.length > 0; begin = end, end *= GROWTH) {
    let those = queries;
    if (asking.length < queries.rows) {
      room ??= sharedFloat32(asking.length * queries.columns);
      those = takeRows(queries, asking, room.subarray(0, asking.length * queries.columns));
    }
    const stretch = stretchOf(search, asking, begin, Math.min(end, items.rows));
    const found = await steadyTopK(backend, { ...stretch, queries: those });
    for (const [i, q] of asking.entries()) mergeList(best, q, found, i, begin);
    asking = asking.filter((q) => !(best.scores[(q + 1) * count - 1] > bounds[q]));
  }
  return best.items;
}

/** The items from `begin` to `end`, for the queries that still ask. */
function stretchOf(
  { items, itemScale, exclude, count }: TargetSearch,
  asking: Uint32Array,
  begin: number,
  end: number,
) {
  const d = items.columns;
  return {
    items: { rows: end - begin, columns: d, values: items.values.subarray(begin * d, end * d) },
    itemScale: itemScale?.subarray(begin, end),
    exclude: within(exclude, asking, begin, end),
    count: Math.min(count, end - begin),
  };
}

/** Some rows of a pattern, and of these the columns from `begin` to `end`. */
function within(pattern: SparseMatrix, rows: Uint32Array, begin: number, end: number): SparseMatrix {
  const indptr = new Uint32Array(rows.length + 1);
  const indices = new Uint32Array(pattern.indices.length);
  let next = 0;
  for (const [i, row] of rows.entries()) {
    for (let p = pattern.indptr[row]; p < pattern.indptr[row + 1]; p++) {
      const column = pattern.indices[p];
      if (column >= begin && column < end) indices[next++] = column - begin;
    }
    indptr[i + 1] = next;
  }
  return { ...pattern, rows: rows.length, columns: end - begin, indptr, indices: indices.subarray(0, next) };
}

/** The list of query q with what a later stretch found, whose items come after all before: the earlier first among equals. */
function mergeList({ count, items, scores }: TopK, q: number, found: TopK, i: number, begin: number): void {
  const at = q * count;
  const [oldItems, oldScores] = [items.slice(at, at + count), scores.slice(at, at + count)];
  for (let place = 0, kept = 0, taken = 0; place < count; place++) {
    const p = i * found.count + taken;
    if (taken < found.count && found.items[p] >= 0 && (oldItems[kept] < 0 || found.scores[p] > oldScores[kept])) {
      items[at + place] = found.items[p] + begin;
      scores[at + place] = found.scores[p];
      taken++;
    } else {
      items[at + place] = oldItems[kept];
      scores[at + place] = oldScores[kept++];
    }
  }
}

const ROUNDING = 2 ** -24;

/** The largest score that a target of each query can have; -Infinity without targets. */
function targetBounds({ queries, items, itemScale, targets: { indptr, indices } }: TargetSearch): Float64Array {
  const bounds = new Float64Array(queries.rows).fill(Number.NEGATIVE_INFINITY);
  for (let q = 0; q < queries.rows; q++) {
    const query = rowOf(queries, q);
    for (let p = indptr[q]; p < indptr[q + 1]; p++) {
      const item = indices[p];
      const scale = itemScale === undefined ? 1 : itemScale[item];
      bounds[q] = Math.max(bounds[q], scoreBound(query, rowOf(items, item), scale));
    }
  }
  return bounds;
}

/** Their scaled product, and what its rounding may add. */
function scoreBound(query: Float32Array, item: Float32Array, scale: number): number {
  const slack = 2 * (query.length + 2) * ROUNDING;
  let [sum, size] = [0, 0];
  for (let c = 0; c < query.length; c++) {
    const product = query[c] * item[c];
    sum += product;
    size += Math.abs(product);
  }
  return scale * sum + Math.abs(scale) * slack * size;
}
