/**
 * The one row solve (equation 2 of the design), exactly. For row i with confidences c over the fixed factors w:
 *
 *   (e a0 G + W' C W + l D) h = W' c + l D p
 *
 * One change of coordinates makes everything shared diagonal: with D^-1/2 G D^-1/2 = Q diag(g) Q' and h = T y,
 * T = D^-1/2 Q, z = w T, q = p D T, the system is (diag(d) + Z' C Z) y = Z' c + l q with d = e a0 g + l.
 * A row with n < k interactions is then an n x n system (Woodbury): (C^-1 + Z d^-1 Z') a = 1 - Z d^-1 l q,
 * y = d^-1 (l q + Z' a); a longer row is a k x k one. Both by Cholesky in float64.
 */
import { choleskyInPlace, choleskySolveInPlace } from "../symmetric.ts";
import { stepRow } from "./conjugate-gradients.ts";
import type { DiagonalSystems } from "./diagonal-systems.ts";

/** Solves rows `begin` to `end` into `systems.y`. */
export function solveDiagonalRows(systems: DiagonalSystems, begin: number, end: number): void {
  const { rank, spectrum, unobservedWeight, rowPrecision, exposure, indptr } = systems;
  const diagonal = new Float64Array(rank);
  const pull = new Float64Array(rank);
  for (let i = begin; i < end; i++) {
    const precision = rowPrecision[i];
    for (let d = 0; d < rank; d++) {
      diagonal[d] = exposure[i] * unobservedWeight * spectrum[d] + precision;
      pull[d] = systems.q.length === 0 ? 0 : precision * systems.q[i * rank + d];
    }
    if (systems.steps > 0) stepRow(systems, i, diagonal, pull);
    else if (indptr[i + 1] - indptr[i] < rank) solveShortRow(systems, i, diagonal, pull);
    else solveLongRow(systems, i, diagonal, pull);
  }
}

/** n < k: the n x n system. */
function solveShortRow(systems: DiagonalSystems, i: number, diagonal: Float64Array, pull: Float64Array): void {
  const { rank, z, indices, confidence, y } = systems;
  const start = systems.indptr[i];
  const n = systems.indptr[i + 1] - start;
  const scaled = new Float64Array(n * rank);
  const matrix = new Float64Array(n * n);
  const a = new Float64Array(n);
  for (let r = 0; r < n; r++) {
    const row = indices[start + r] * rank;
    let fit = 0;
    for (let d = 0; d < rank; d++) {
      scaled[r * rank + d] = z[row + d] / diagonal[d];
      fit += scaled[r * rank + d] * pull[d];
    }
    a[r] = 1 - fit;
    for (let s = 0; s <= r; s++) {
      matrix[r * n + s] = dot(scaled, r * rank, z, indices[start + s] * rank, rank);
    }
    matrix[r * n + r] += 1 / confidence[start + r];
  }
  choleskyInPlace(matrix, n);
  choleskySolveInPlace(matrix, n, a);
  for (let d = 0; d < rank; d++) {
    let sum = pull[d] / diagonal[d];
    for (let r = 0; r < n; r++) sum += scaled[r * rank + d] * a[r];
    y[i * rank + d] = sum;
  }
}

/** n >= k: the k x k system. */
function solveLongRow(systems: DiagonalSystems, i: number, diagonal: Float64Array, pull: Float64Array): void {
  const { rank, z, indices, confidence, y } = systems;
  const matrix = new Float64Array(rank * rank);
  const b = Float64Array.from(pull);
  for (let p = systems.indptr[i]; p < systems.indptr[i + 1]; p++) {
    const row = indices[p] * rank;
    const c = confidence[p];
    for (let d = 0; d < rank; d++) {
      const cz = c * z[row + d];
      b[d] += cz;
      for (let s = 0; s <= d; s++) matrix[d * rank + s] += cz * z[row + s];
    }
  }
  for (let d = 0; d < rank; d++) matrix[d * rank + d] += diagonal[d];
  choleskyInPlace(matrix, rank);
  choleskySolveInPlace(matrix, rank, b);
  y.set(b, i * rank);
}

function dot(a: Float64Array, offsetA: number, b: Float64Array, offsetB: number, length: number): number {
  let sum = 0;
  for (let d = 0; d < length; d++) sum += a[offsetA + d] * b[offsetB + d];
  return sum;
}
