/**
 * Vectors in fewer dimensions for other systems: the projection h V on the leading right singular vectors of the unit-length rows,
 * which keeps cosines best in the least-squares sense. Unit rows, so that long head vectors do not decide alone.
 */
import { centredMap, multiply } from "../math/linear-map.ts";
import { type Matrix, rowOf, zeros } from "../math/matrix.ts";
import { truncatedSvd } from "../math/truncated-svd.ts";

export interface ReducedVectors {
  /** n x dimensions; fewer columns when the vectors have a lower rank. */
  readonly vectors: Matrix;
  /** Mean share of a row's squared length that is kept. */
  readonly kept: number;
}

const seed = 1;

/** Projects n x d vectors on `dimensions` directions; they come back untouched when d is not larger. */
export async function reduceVectors(vectors: Matrix, dimensions: number): Promise<ReducedVectors> {
  if (dimensions >= vectors.columns) return { vectors, kept: 1 };
  const directions = unitRows(vectors);
  const noMean = new Float32Array(vectors.columns);
  const { right } = await truncatedSvd(centredMap(directions, noMean), { rank: dimensions, seed });
  const kept = squaredLength(multiply(directions, right)) / Math.max(squaredLength(directions), Number.MIN_VALUE);
  return { vectors: multiply(vectors, right), kept };
}

function unitRows(vectors: Matrix): Matrix {
  const unit = zeros(vectors.rows, vectors.columns);
  for (let i = 0; i < vectors.rows; i++) {
    const row = rowOf(vectors, i);
    const norm = Math.hypot(...row);
    if (norm > 0)
      unit.values.set(
        row.map((value) => value / norm),
        i * vectors.columns,
      );
  }
  return unit;
}

function squaredLength({ values }: Matrix): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return sum;
}
