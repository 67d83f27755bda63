/**
 * A row system (row-solve.ts) by a few steps of conjugate gradients. In the diagonal coordinates the part that all rows
 * share is the diagonal d, an exact preconditioner for it, so a step touches the row's own interactions only and two or
 * three steps from a near solution equal Cholesky. As A = diag(d) + Z'CZ >= diag(d), the excess loss is at most b r' d^-1 r with
 * b = 1 at first; after a step of length a at most (b - a) r' d^-1 r with the r before it, and b becomes (b - a) / (b - a + g) when
 * r' d^-1 r shrinks by g (Gauss-Radau quadrature with least eigenvalue 1: Meurant and Tichy, Numerical Algorithms 62, 2013).
 * A row stops once its excess is below 1e-4 of y' d y.
 */
import type { DiagonalSystems } from "./diagonal-systems.ts";

const EXCESS_LOSS = 1e-4;

/** Steps on row i from `systems.start` (else q) into `systems.y`; `pull` is l q. */
export function stepRow(systems: DiagonalSystems, i: number, diagonal: Float64Array, pull: Float64Array): void {
  const { rank, steps } = systems;
  const y = systems.y.subarray(i * rank, (i + 1) * rank);
  const start = systems.start.length > 0 ? systems.start : systems.q;
  if (start.length > 0) y.set(start.subarray(i * rank, (i + 1) * rank));
  const residual = pull.map((value, d) => value - diagonal[d] * y[d]);
  addInteractions(systems, i, y, (fit) => 1 - fit, residual);
  const direction = residual.map((value, d) => value / diagonal[d]);
  let size = inner(residual, direction);
  let bound = 1;
  for (let step = 0; step < steps; step++) {
    const enough = EXCESS_LOSS * energy(y, diagonal);
    if (!(bound * size > enough)) return;
    const image = direction.map((value, d) => value * diagonal[d]);
    addInteractions(systems, i, direction, (fit) => fit, image);
    const length = size / inner(direction, image);
    for (let d = 0; d < rank; d++) {
      y[d] += length * direction[d];
      residual[d] -= length * image[d];
    }
    const rest = bound - length;
    if (!(rest * size > enough)) return;
    const conditioned = residual.map((value, d) => value / diagonal[d]);
    const next = inner(residual, conditioned);
    const shrinkage = next / size;
    for (let d = 0; d < rank; d++) direction[d] = conditioned[d] + shrinkage * direction[d];
    bound = rest / (rest + shrinkage);
    size = next;
  }
}

/** out += sum_u c_u weight(z_u x) z_u */
function addInteractions(
  { rank, z, indptr, indices, confidence }: DiagonalSystems,
  i: number,
  x: Float64Array,
  weight: (fit: number) => number,
  out: Float64Array,
): void {
  for (let p = indptr[i]; p < indptr[i + 1]; p++) {
    const row = z.subarray(indices[p] * rank, (indices[p] + 1) * rank);
    const factor = confidence[p] * weight(inner(row, x));
    for (let d = 0; d < rank; d++) out[d] += factor * row[d];
  }
}

function inner(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let d = 0; d < a.length; d++) sum += a[d] * b[d];
  return sum;
}

function energy(y: Float64Array, diagonal: Float64Array): number {
  let sum = 0;
  for (let d = 0; d < y.length; d++) sum += diagonal[d] * y[d] * y[d];
  return sum;
}
