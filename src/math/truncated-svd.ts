/**
 * The leading singular values and right singular vectors by randomised subspace iteration (Halko, Martinsson and Tropp 2011,
 * algorithms 4.4 and 5.1): Q spans (A A')^q A W for a random W; the SVD of the small A'Q gives that of A. The last basis is made
 * orthonormal through the eigenvectors of its Gram matrix (Stathopoulos and Wu 2002), which drops dependent directions. Between
 * iterations Y (Y'Y)^-1 spans the same, and A A' brings it back to even lengths: one Cholesky factor instead of eigenvectors.
 * Rounding of short directions adds up on that way, so every fourth basis is orthonormal.
 */
import { TailrecError } from "../errors.ts";
import { type ComputeBackend, defaultBackend } from "./compute/backend.ts";
import { sharedZeros } from "./compute/shared-memory.ts";
import type { Eigen } from "./compute/symmetric.ts";
import type { LinearMap } from "./linear-map.ts";
import { type Matrix, zeros, zeros64 } from "./matrix.ts";
import { createMatrixRoom } from "./matrix-room.ts";
import { createRandom } from "./random.ts";

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

export async function truncatedSvd(
  a: LinearMap,
  request: SvdRequest,
  backend: ComputeBackend = defaultBackend(),
): Promise<TruncatedSvd> {
  const { rank, seed, iterations = 2, oversampling = 16 } = request;
  if (!(rank >= 1)) throw new TailrecError("INVALID_ARGUMENT", `expected a rank of at least 1, received ${rank}`);
  const width = Math.min(rank + oversampling, a.rows, a.columns);
  // A random W spans as well from the shorter side, where it is cheaper.
  const first = a.rows < a.columns ? uniform(a.rows, width, seed) : await a.times(uniform(a.columns, width, seed));
  // The tall and the wide side lie in the same memory from one iteration to the next.
  const room = { rows: createMatrixRoom(), columns: createMatrixRoom() };
  const transposedTimes = (basis: Matrix) => a.transposedTimes(basis, room.columns(a.columns, basis.columns));
  let spanning = first;
  for (let q = 0; q < iterations; q++) {
    const basis = q % 4 === 3 ? await orthonormal(spanning, backend) : await evened(spanning, backend);
    spanning = await a.times(await transposedTimes(basis), room.rows(a.rows, basis.columns));
  }
  const basis = await corrected(await orthonormal(spanning, backend), backend);
  const reduced = await transposedTimes(basis);
  const eigen = await axesOf(reduced, backend);
  const kept = Math.min(rank, significant(eigen.values));
  return {
    singularValues: eigen.values.slice(0, kept).map(Math.sqrt),
    right: await timesAxes(reduced, eigen, kept, backend),
  };
}

/** Uniform numbers from -1 to 1: as good a sketch as normal ones (Achlioptas 2003), at a fraction of their cost. */
function uniform(rows: number, columns: number, seed: number): Matrix {
  const random = createRandom(seed);
  const matrix = zeros(rows, columns);
  for (let p = 0; p < matrix.values.length; p++) matrix.values[p] = 2 * random.next() - 1;
  return matrix;
}

/** Share of the largest squared length that stands for those of dependent directions. */
const EVENED_TOLERANCE = 1e-8;

/** m Y (Y'Y + s I)^-1 with m the largest squared length and s a small share of it: the span of Y, its short directions long. */
async function evened(y: Matrix, backend: ComputeBackend): Promise<Matrix> {
  const gram = await backend.gram(y);
  const n = gram.columns;
  let largest = 0;
  for (let j = 0; j < n; j++) largest = Math.max(largest, gram.values[j * (n + 1)]);
  if (largest === 0) return y;
  const scaled = zeros64(n, n);
  for (let j = 0; j < n; j++) scaled.values[j * (n + 1)] = largest;
  const [inverse] = await backend.solveShifted(gram, scaled, [EVENED_TOLERANCE * largest]);
  return backend.multiplyTransposed(y, inverse, sharedZeros(y.rows, n));
}

/** An orthonormal basis of the columns of `y`. */
async function orthonormal(y: Matrix, backend: ComputeBackend): Promise<Matrix> {
  const eigen = await axesOf(y, backend);
  return timesAxes(y, eigen, significant(eigen.values), backend);
}

/** |Y'Y - I| (Frobenius) up to which one step of Newton and Schulz makes Y orthonormal to float32. */
const NEARLY = 1e-3;

/**
 * A basis without the rounding that made it not quite orthonormal: Y (3 I - Y'Y) / 2, whose error is about the square of Y's (Bjorck and
 * Bowie 1971). Once more from the start where the error is large.
 */
async function corrected(y: Matrix, backend: ComputeBackend): Promise<Matrix> {
  const { rows: n, values } = await backend.gram(y);
  const step = zeros(n, n);
  let square = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const unit = i === j ? 1 : 0;
      square += (values[i * n + j] - unit) ** 2;
      step.values[i * n + j] = (3 * unit - values[i * n + j]) / 2;
    }
  }
  if (n === 0 || Math.sqrt(square) > NEARLY) return orthonormal(y, backend);
  return backend.multiplyTransposed(y, step, sharedZeros(y.rows, n));
}

/** Eigendecomposition of Y'Y; empty when Y has no columns left. */
async function axesOf(y: Matrix, backend: ComputeBackend): Promise<Eigen> {
  if (y.columns === 0) return { values: new Float64Array(0), vectors: zeros64(0, 0) };
  return backend.eigen(await backend.gram(y));
}

function significant(values: Float64Array): number {
  const limit = values.length === 0 ? 0 : values[0] * RANK_TOLERANCE;
  const dropped = values.findIndex((value) => value <= limit);
  return dropped === -1 ? values.length : dropped;
}

/** Y W S^-1, with the first `count` eigenvectors W over the roots S of their eigenvalues: y.rows x count. */
async function timesAxes(
  y: Matrix,
  { values, vectors }: Eigen,
  count: number,
  backend: ComputeBackend,
): Promise<Matrix> {
  const turned = zeros(count, vectors.rows);
  for (let j = 0; j < count; j++) {
    for (let i = 0; i < vectors.rows; i++) {
      turned.values[j * vectors.rows + i] = vectors.values[i * vectors.columns + j] / Math.sqrt(values[j]);
    }
  }
  // In shared memory: sparse products read it in place.
  return count === 0 ? zeros(y.rows, 0) : backend.multiplyTransposed(y, turned, sharedZeros(y.rows, count));
}
