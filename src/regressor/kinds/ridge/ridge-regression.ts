/**
 * Ridge regression in closed form: W = (X'X + s I)^-1 X'Y (primal, when features are fewer than items) or
 * W = X'(XX' + s I)^-1 Y (dual, otherwise); the two are equal (Saunders et al. 1998). One Gram serves every shift s.
 * Items are weighted and centred, the means folded into the intercept, so that only the slopes are penalised.
 */
import type { ComputeBackend } from "../../../math/compute/backend.ts";
import { transpose } from "../../../math/linear-map.ts";
import { columnRange, type Matrix, type SparseMatrix, toFloat64, zeros } from "../../../math/matrix.ts";
import type { PenalisedMap } from "../../penalty-choice.ts";
import { centredRows, type TrainingSet, weightedMean } from "../../training-set.ts";

export interface RidgeMap extends PenalisedMap {
  /** (features + blocks) x k. */
  readonly weights: Matrix;
  /** terms x k: what the sparse rows count, where they are read in place of the columns of their block. */
  readonly terms?: Matrix;
  /** k. */
  readonly intercept: Float32Array;
}

export async function applyRidgeMap(
  { weights, terms, intercept }: RidgeMap,
  z: Matrix,
  backend: ComputeBackend,
  sparse?: SparseMatrix,
): Promise<Matrix> {
  const prior = addToRows(await backend.multiplyTransposed(z, transpose(weights)), intercept);
  if (terms === undefined || sparse === undefined) return prior;
  const ofTerms = await backend.multiplySparse(sparse, terms);
  for (let p = 0; p < prior.values.length; p++) prior.values[p] += ofTerms.values[p];
  return prior;
}

/** Adds `row` to every row, in place. */
export function addToRows(matrix: Matrix, row: ArrayLike<number>): Matrix {
  for (let p = 0; p < matrix.values.length; p++) matrix.values[p] += row[p % row.length];
  return matrix;
}

/** One map a penalty. */
export async function fitRidgeMaps(
  { x, y, weights }: TrainingSet,
  penalties: readonly number[],
  backend: ComputeBackend,
): Promise<RidgeMap[]> {
  const [meanX, meanY] = [weightedMean(x, weights), weightedMean(y, weights)];
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const maps = await solveRidge(
    centredRows(x, meanX, weights),
    centredRows(y, meanY, weights),
    penalties.map((penalty) => penalty * total),
    backend,
  );
  return maps.map((map, p) => ({
    weights: map,
    intercept: interceptOf(map, meanX, meanY),
    regularization: penalties[p],
  }));
}

/** mean y - W' mean x: k. */
export function interceptOf(map: Matrix, meanX: Float64Array, meanY: Float64Array): Float32Array {
  return Float32Array.from(meanY, (mean, d) => {
    let shift = 0;
    for (let j = 0; j < map.rows; j++) shift += meanX[j] * map.values[j * map.columns + d];
    return mean - shift;
  });
}

/** Weights (features x outputs) for every shift; X is items x features, Y items x outputs, both centred by the caller. */
export async function solveRidge(
  x: Matrix,
  y: Matrix,
  shifts: readonly number[],
  backend: ComputeBackend,
): Promise<readonly Matrix[]> {
  if (x.columns <= x.rows) {
    const right = await crossProduct(x, y, backend);
    return backend.solveShifted(await backend.gram(x), toFloat64(right), shifts);
  }
  const transposed = transpose(x);
  const duals = await backend.solveShifted(await backend.gram(transposed), toFloat64(y), shifts);
  return Promise.all(duals.map((dual) => backend.multiplyTransposed(transposed, transpose(dual))));
}

/** Columns at a time. */
const SLAB = 256;

/** X'Y, some columns of X after the others: X' is never whole. */
async function crossProduct(x: Matrix, y: Matrix, backend: ComputeBackend): Promise<Matrix> {
  const [product, turned] = [zeros(x.columns, y.columns), transpose(y)];
  for (let begin = 0; begin < x.columns; begin += SLAB) {
    const slab = transpose(columnRange(x, begin, Math.min(begin + SLAB, x.columns)));
    product.values.set((await backend.multiplyTransposed(slab, turned)).values, begin * y.columns);
  }
  return product;
}
