/**
 * The rows that a ridge on sparse features sees, as a linear map that is never written out: standardised columns (without those of
 * the block that is reduced) and the sparse rows of that block beside them, minus their weighted mean, times the roots of the weights.
 */
import type { FeatureBlock } from "../../../data/feature-matrix.ts";
import type { ComputeBackend } from "../../../math/compute/backend.ts";
import { type LinearMap, sparseMap, transpose } from "../../../math/linear-map.ts";
import { type Matrix, rowRange, type SparseMatrix, zeros } from "../../../math/matrix.ts";
import { sparseBuilder } from "../../../math/sparse-builder.ts";
import { type TrainingSet, weightedMean } from "../../training-set.ts";

export interface WideRows extends LinearMap {
  /** Weighted mean of every column: those of x, then the terms. */
  readonly mean: Float64Array;
}

/** The block that is reduced, where the features have one that weighs something. */
export function reducedBlock(blocks: readonly FeatureBlock[]): FeatureBlock | undefined {
  return blocks.find(({ isReduced, weight }) => isReduced === true && weight > 0);
}

/** x with zeros for the columns of a block. */
export function withoutColumns(x: Matrix, { offset, dimension }: FeatureBlock): Matrix {
  const values = x.values.slice();
  for (let i = 0; i < x.rows; i++) values.fill(0, i * x.columns + offset, i * x.columns + offset + dimension);
  return { ...x, values };
}

/** n x (d + blocks + terms). */
export function wideRows(
  { x: whole, weights, sparse = sparseBuilder(whole.rows).build(0) }: TrainingSet,
  block: FeatureBlock,
  backend: ComputeBackend,
): WideRows {
  const x = withoutColumns(whole, block);
  const terms = sparseMap({ ...sparse, values: sparse.values.map((value) => block.weight * value) }, backend);
  const turned = transpose(x);
  const mean = Float64Array.from([
    ...weightedMean(x, weights),
    ...sparseMean(sparse, weights).map((value) => block.weight * value),
  ]);
  const roots = weights.map(Math.sqrt);
  return {
    rows: x.rows,
    columns: mean.length,
    mean,
    times: async (b) => {
      const [upper, lower] = [rowRange(b, 0, x.columns), rowRange(b, x.columns, mean.length)];
      const product = await backend.multiplyTransposed(x, transpose(upper));
      const ofTerms = await terms.times(lower);
      const offset = meanTimes(mean, b);
      const k = b.columns;
      for (let i = 0; i < x.rows; i++) {
        for (let d = 0; d < k; d++) {
          const p = i * k + d;
          product.values[p] = roots[i] * (product.values[p] + ofTerms.values[p] - offset[d]);
        }
      }
      return product;
    },
    transposedTimes: async (b) => {
      const k = b.columns;
      const scaled = { ...b, values: new Float32Array(b.values.length) };
      const sums = new Float64Array(k);
      for (let i = 0; i < x.rows; i++) {
        for (let d = 0; d < k; d++) {
          scaled.values[i * k + d] = roots[i] * b.values[i * k + d];
          sums[d] += scaled.values[i * k + d];
        }
      }
      const result = zeros(mean.length, k);
      result.values.set((await backend.multiplyTransposed(turned, transpose(scaled))).values);
      result.values.set((await terms.transposedTimes(scaled)).values, x.columns * k);
      for (let j = 0; j < mean.length; j++) {
        if (mean[j] !== 0) for (let d = 0; d < k; d++) result.values[j * k + d] -= mean[j] * sums[d];
      }
      return result;
    },
  };
}

/** m'B: k. */
export function meanTimes(mean: Float64Array, { columns: k, values }: Matrix): Float64Array {
  const sums = new Float64Array(k);
  for (let j = 0; j < mean.length; j++) {
    if (mean[j] !== 0) for (let d = 0; d < k; d++) sums[d] += mean[j] * values[j * k + d];
  }
  return sums;
}

function sparseMean({ columns, indptr, indices, values }: SparseMatrix, weights: Float64Array): Float64Array {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const mean = new Float64Array(columns);
  for (let i = 0; i < weights.length; i++) {
    for (let p = indptr[i]; p < indptr[i + 1]; p++) mean[indices[p]] += (weights[i] * values[p]) / total;
  }
  return mean;
}
