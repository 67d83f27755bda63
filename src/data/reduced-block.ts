/** The block that is the reduction of sparse rows, and its parts: which of them an item has, and an item without one of them. */
import { sparseTimes } from "../math/compute/reference/sparse-rows.ts";
import { type Matrix, rowOf, type SparseMatrix } from "../math/matrix.ts";
import { sparseBuilder } from "../math/sparse-builder.ts";
import type { BlockPart, FeatureBlock } from "./feature-matrix.ts";

/** A part with columns of its own. */
export interface PartRange {
  readonly part: BlockPart;
  /** Its columns among the sparse rows, `end` exclusive. */
  readonly begin: number;
  readonly end: number;
}

/** The parts of the reduced block that have columns; none where no block is reduced. */
export function partRanges(blocks: readonly FeatureBlock[]): PartRange[] {
  const parts = blocks.find(({ isReduced }) => isReduced)?.parts ?? [];
  let end = 0;
  const ranges = parts.map((part) => {
    const begin = end;
    end += part.terms ?? 0;
    return { part, begin, end };
  });
  return ranges.filter((range) => range.end > range.begin);
}

/** Whether a row has an entry in the range. */
export function hasPart({ indptr, indices }: SparseMatrix, row: number, { begin, end }: PartRange): boolean {
  for (let p = indptr[row]; p < indptr[row + 1]; p++) if (indices[p] >= begin && indices[p] < end) return true;
  return false;
}

/** How the reduced block stands in the inputs of a regressor. */
export interface Reduction {
  /** First column of the block. */
  readonly offset: number;
  /** Column of its presence bit. */
  readonly bit: number;
  /** What its standardised columns are multiplied by. */
  readonly scale: number;
  /** terms x the block's columns. */
  readonly axes: Matrix;
}

/** Standardised inputs x and their sparse rows as they would be without the entries of a range: what they add to x is taken away. */
export function withoutPart(
  { x, sparse }: { readonly x: Matrix; readonly sparse: SparseMatrix },
  { begin, end }: PartRange,
  { offset, bit, scale, axes }: Reduction,
): { readonly x: Matrix; readonly sparse: SparseMatrix } {
  const [taken, left] = [sparseBuilder(sparse.rows), sparseBuilder(sparse.rows)];
  for (let i = 0; i < sparse.rows; i++) {
    for (let p = sparse.indptr[i]; p < sparse.indptr[i + 1]; p++) {
      const column = sparse.indices[p];
      (column >= begin && column < end ? taken : left).add(column, sparse.values[p]);
    }
    taken.endRow();
    left.endRow();
  }
  const [part, rest] = [taken.build(sparse.columns), left.build(sparse.columns)];
  const added = sparseTimes(part, axes);
  const values = x.values.slice();
  for (let i = 0; i < x.rows; i++) {
    const row = values.subarray(i * x.columns, (i + 1) * x.columns);
    const own = rowOf(added, i);
    const isLeft = rest.indptr[i + 1] > rest.indptr[i];
    for (let j = 0; j < own.length; j++) row[offset + j] = isLeft ? row[offset + j] - scale * own[j] : 0;
    if (!isLeft) row[bit] = 0;
  }
  return { x: { ...x, values }, sparse: rest };
}
