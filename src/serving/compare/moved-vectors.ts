/**
 * How far the vectors of items that two bundles share have moved: 1 - cosine, as they are given away, and after the best rotation of one
 * onto the other (hybrid/alignment.ts). What is left after it has changed in itself; the rest is the choice of axes.
 */
import type { Bundle } from "../../bundle/bundle.ts";
import { alignedAxes, sharedRows } from "../../hybrid/alignment.ts";
import { alongAxes } from "../../hybrid/score-axes.ts";
import { type Matrix, rowOf } from "../../math/matrix.ts";
import { quantile } from "../../math/statistics.ts";

export interface MovedVectors {
  /** Rows in the first bundle and in the second. */
  readonly rows: readonly (readonly [number, number])[];
  /** 1 - cosine as given away, one a pair of rows. */
  readonly asStored: Float64Array;
  /** The same after the best rotation. */
  readonly aligned: Float64Array;
}

/** Moves from the first bundle to the second. */
export async function movedVectors(before: Bundle, after: Bundle): Promise<MovedVectors> {
  const rows = sharedRows(before.catalog.ids, after.catalog.ids);
  const [earlier, later] = [axed(before), axed(after)];
  const stored = await alongAxes(earlier.vectors, earlier.axes);
  const asStored = distances(stored, await alongAxes(later.vectors, later.axes), rows);
  const turned = await alongAxes(later.vectors, await alignedAxes(later, earlier));
  return { rows, asStored, aligned: distances(stored, turned, rows) };
}

function axed({ catalog, model, axes }: Bundle) {
  return { ids: catalog.ids, vectors: model.embeddings.vectors, axes };
}

/** 1 - cosine of the rows of each pair; the shorter vectors count as longer by zeros. A vector of zeros is as far as may be. */
export function distances(a: Matrix, b: Matrix, rows: readonly (readonly [number, number])[]): Float64Array {
  return Float64Array.from(rows, ([i, j]) => {
    const [x, y] = [rowOf(a, i), rowOf(b, j)];
    let [xy, xx, yy] = [0, 0, 0];
    for (let d = 0; d < Math.min(x.length, y.length); d++) xy += x[d] * y[d];
    for (const value of x) xx += value * value;
    for (const value of y) yy += value * value;
    if (xx === 0 && yy === 0) return 0;
    return xx === 0 || yy === 0 ? 1 : Math.max(0, 1 - xy / Math.sqrt(xx * yy));
  });
}

export interface Spread {
  readonly median: number;
  readonly p90: number;
  readonly largest: number;
}

/** Zeros where nothing is shared. */
export function spreadOf(values: Float64Array): Spread {
  const sorted = values.slice().sort();
  if (sorted.length === 0) return { median: 0, p90: 0, largest: 0 };
  return { median: quantile(sorted, 0.5), p90: quantile(sorted, 0.9), largest: sorted[sorted.length - 1] };
}
