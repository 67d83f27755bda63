/**
 * Sufficient statistics of a ridge: one Gram of rows z = [1, x, y],
 *   M = sum_i v_i z_i z_i',
 * which holds the sum of the weights, the means, X'VX and X'VY. Moments of parts add up, and those of held-out items can be taken
 * away. So any number of machines may read the rows, and none needs them all.
 */
import { type FeatureMatrix, type Standardisation, standardise } from "../data/feature-matrix.ts";
import type { ComputeBackend } from "../math/compute/backend.ts";
import { concatColumns, type Matrix, takeRows } from "../math/matrix.ts";
import type { TrainingSet } from "./training-set.ts";

export interface Moments {
  readonly items: number;
  /** k. */
  readonly outputs: number;
  /** M: (1 + d + k) x (1 + d + k), with d the standardised features and their presence bits. */
  readonly gram: Matrix<Float64Array>;
}

/** What is to be added up: the training items, and what the regressor is to learn of each. */
export interface MomentsRequest {
  readonly standardisation: Standardisation;
  /** Rows of the catalog: n. */
  readonly rows: readonly number[];
  /** n. */
  readonly weights: Float64Array;
  /** Factors of the whole catalog: items x k. */
  readonly factors: Matrix;
}

/** Adds up the rows of a request, wherever their features are. */
export type AddUp = (request: MomentsRequest) => Promise<Moments>;

export async function momentsOf(
  { x, y, weights }: Pick<TrainingSet, "x" | "y" | "weights">,
  backend: ComputeBackend,
): Promise<Moments> {
  const ones = { rows: x.rows, columns: 1, values: new Float32Array(x.rows).fill(1) };
  return { items: x.rows, outputs: y.columns, gram: await backend.gram(concatColumns([ones, x, y]), weights) };
}

/** a + scale b. */
export function addMoments(a: Moments, b: Moments, scale: 1 | -1 = 1): Moments {
  const values = a.gram.values.map((value, p) => value + scale * b.gram.values[p]);
  return { items: a.items + scale * b.items, outputs: a.outputs, gram: { ...a.gram, values } };
}

/** Items whose standardised rows are in memory together. */
const BLOCK = 16_384;

/** Adds up features that this process holds, a block of items at a time. */
export function addUpHere(features: FeatureMatrix, backend: ComputeBackend): AddUp {
  return async ({ standardisation, rows, weights, factors }) => {
    const width = 1 + standardisation.mean.length + standardisation.blocks.length + factors.columns;
    const gram = { rows: width, columns: width, values: new Float64Array(width * width) };
    let sum: Moments = { items: 0, outputs: factors.columns, gram };
    for (let begin = 0; begin < rows.length; begin += BLOCK) {
      const some = rows.slice(begin, begin + BLOCK);
      const x = standardise(features, standardisation, some);
      const own = { x, y: takeRows(factors, some), weights: weights.subarray(begin, begin + some.length) };
      sum = addMoments(sum, await momentsOf(own, backend));
    }
    return sum;
  };
}
