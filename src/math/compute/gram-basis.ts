/** The basis in which systems that share a Gram are diagonal (diagonal-basis.ts), its eigenvectors by the backend. */
import type { Matrix } from "../matrix.ts";
import type { ComputeBackend } from "./backend.ts";
import { type DiagonalBasis, diagonalBasis } from "./diagonal-basis.ts";

/** `gram`: k x k. */
export function gramBasis(gram: Matrix<Float64Array>, backend: ComputeBackend): Promise<DiagonalBasis> {
  return diagonalBasis(gram, undefined, (symmetric) => backend.eigen(symmetric));
}
