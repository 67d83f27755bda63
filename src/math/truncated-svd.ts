/**
 * The leading singular values and right singular vectors by randomised subspace iteration (Halko, Martinsson and Tropp 2011,
 * algorithms 4.4 and 5.1): Q spans (A A')^q A W for a Gaussian W; the SVD of the small A'Q gives that of A. Bases are made
 * orthonormal through the eigenvectors of their Gram matrix (Stathopoulos and Wu 2002), which drops dependent directions.
 */
import { TailrecError } from "../errors.ts";
import { multiplyRows } from "./dense-product.ts";
import { type LinearMap, multiply, transpose } from "./linear-map.ts";
import { type Matrix, zeros, zeros64 } from "./matrix.ts";
import { createRandom } from "./random.ts";
import { type Eigen, eigenOfGram } from "./symmetric.ts";

export interface SvdRequest {
  /** Number of components wanted. */
  readonly rank: number;
  readonly seed: number;
  /** Power iterations q; each sharpens the gap between kept and dropped directions. */
  readonly iterations?: number;
  /** Extra directions carried along and dropped at the end. */
  readonly oversampling?: number;
}

export interface TruncatedSvd {
  /** Descending; fewer than asked for when A has a lower rank. */
  readonly singularValues: Float64Array;
  /** V: columns x r, orthonormal columns; A V = U S. */
  readonly right: Matrix;
}

/** Directions whose squared length is below this share of the largest are rounding of float32 storage. */
const RANK_TOLERANCE = 1e-11;

export function truncatedSvd(a: LinearMap, request: SvdRequest): TruncatedSvd {
  const { rank, seed, iterations = 2, oversampling = 16 } = request;
  if (!(rank >= 1)) throw new TailrecError("INVALID_ARGUMENT", `expected a rank of at least 1, received ${rank}`);
  const width = Math.min(rank + oversampling, a.rows, a.columns);
  let basis = orthonormal(a.times(gaussian(a.columns, width, seed)));
  for (let q = 0; q < iterations; q++) basis = orthonormal(a.times(a.transposedTimes(basis)));
  // Once more: the second pass removes the rounding of the first.
  basis = orthonormal(basis);
  const reduced = a.transposedTimes(basis);
  const eigen = axesOf(reduced);
  const kept = Math.min(rank, significant(eigen.values));
  return {
    singularValues: eigen.values.slice(0, kept).map(Math.sqrt),
    right: multiply(reduced, scaledVectors(eigen, kept)),
  };
}

function gaussian(rows: number, columns: number, seed: number): Matrix {
  const random = createRandom(seed);
  return { rows, columns, values: Float32Array.from({ length: rows * columns }, () => random.normal()) };
}

/** An orthonormal basis of the columns of `y`. */
function orthonormal(y: Matrix): Matrix {
  const eigen = axesOf(y);
  return multiply(y, scaledVectors(eigen, significant(eigen.values)));
}

/** Eigendecomposition of Y'Y; empty when Y has no columns left. */
function axesOf(y: Matrix): Eigen {
  return y.columns === 0 ? { values: new Float64Array(0), vectors: zeros64(0, 0) } : eigenOfGram(gramOf(y));
}

function significant(values: Float64Array): number {
  const limit = values.length === 0 ? 0 : values[0] * RANK_TOLERANCE;
  const dropped = values.findIndex((value) => value <= limit);
  return dropped === -1 ? values.length : dropped;
}

/** W S^-1: the first `count` eigenvectors over the roots of their eigenvalues. */
function scaledVectors({ values, vectors }: Eigen, count: number): Matrix {
  const scaled = zeros(vectors.rows, count);
  for (let i = 0; i < vectors.rows; i++) {
    for (let j = 0; j < count; j++) {
      scaled.values[i * count + j] = vectors.values[i * vectors.columns + j] / Math.sqrt(values[j]);
    }
  }
  return scaled;
}

/** Y'Y in float64. */
function gramOf(y: Matrix): Matrix<Float64Array> {
  const turned = transpose(y).values;
  const gram = zeros64(y.columns, y.columns);
  multiplyRows({ a: turned, b: turned, out: gram.values, depth: y.rows, columns: y.columns }, 0, y.columns, true);
  for (let i = 0; i < y.columns; i++) {
    for (let j = 0; j < i; j++) gram.values[i * y.columns + j] = gram.values[j * y.columns + i];
  }
  return gram;
}
