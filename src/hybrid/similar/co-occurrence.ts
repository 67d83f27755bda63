/**
 * Who took both, as one vector an item: the columns a_i of the interactions at length 1 along their leading right singular vectors,
 *   A = U S V',   o_i = S V_i,   o_i.o_j = cos(a_i, a_j) to the truncation (item-knn without shrinkage).
 * Randomised subspace iteration: Halko, Martinsson and Tropp 2011.
 */
import type { ComputeBackend } from "../../math/compute/backend.ts";
import { sparseMap } from "../../math/linear-map.ts";
import { type Matrix, type SparseMatrix, zeros } from "../../math/matrix.ts";
import { truncatedSvd } from "../../math/truncated-svd.ts";

const RANK = 128;
const SEED = 1;

/** Vectors of the items (columns of users x n): n x r with r at most `rank`; zeros for one that nobody took. */
export async function coOccurrenceVectors(
  interactions: SparseMatrix,
  backend: ComputeBackend,
  rank: number = RANK,
): Promise<Matrix> {
  if (interactions.indices.length === 0) return zeros(interactions.columns, 0);
  const { right, singularValues } = await truncatedSvd(
    sparseMap(unitColumns(interactions)),
    { rank, seed: SEED },
    backend,
  );
  const values = right.values.map((value, p) => value * singularValues[p % right.columns]);
  return { ...right, values };
}

function unitColumns(matrix: SparseMatrix): SparseMatrix {
  const squares = new Float64Array(matrix.columns);
  for (let p = 0; p < matrix.indices.length; p++) squares[matrix.indices[p]] += matrix.values[p] ** 2;
  return { ...matrix, values: matrix.values.map((value, p) => value / Math.sqrt(squares[matrix.indices[p]] || 1)) };
}
