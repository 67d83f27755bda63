/**
 * Who took both, as one vector an item: the columns a_i of the interactions at length 1 along their leading right singular vectors,
 *   A = U S V',   o_i = S V_i,   o_i.o_j = cos(a_i, a_j) to the truncation (item-knn without shrinkage).
 * Randomised subspace iteration: Halko, Martinsson and Tropp 2011. Items that come or change later are laid along the axes of the users
 * that stand, U = A V S^-1 and o_i = U' a_i: a decomposition anew has other axes, and would move every item.
 */
import type { ComputeBackend } from "../../math/compute/backend.ts";
import { sparseMap } from "../../math/linear-map.ts";
import { type Matrix, replaceRows, type SparseMatrix, takeSparseRows, zeros } from "../../math/matrix.ts";
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

/** `earlier` (n' x r, the first rows) with the vectors of the changed items: n x r for users x n. */
export async function foldInCoOccurrence(
  earlier: Matrix,
  interactions: SparseMatrix,
  items: readonly number[],
  backend: ComputeBackend,
): Promise<Matrix> {
  const { rows, columns, values } = earlier;
  const squares = new Float64Array(columns);
  for (let p = 0; p < rows * columns; p++) squares[p % columns] += values[p] ** 2;
  const scaled = { ...earlier, values: values.map((value, p) => value / (squares[p % columns] || 1)) };
  const unit = unitColumns(interactions);
  const known = replaceRows(scaled, interactions.columns, [], scaled);
  const users = await backend.multiplySparse(unit, known);
  const changed = takeSparseRows(await backend.transpose(unit), items);
  return replaceRows(earlier, interactions.columns, items, await backend.multiplySparse(changed, users));
}

function unitColumns(matrix: SparseMatrix): SparseMatrix {
  const squares = new Float64Array(matrix.columns);
  for (let p = 0; p < matrix.indices.length; p++) squares[matrix.indices[p]] += matrix.values[p] ** 2;
  return { ...matrix, values: matrix.values.map((value, p) => value / Math.sqrt(squares[matrix.indices[p]] || 1)) };
}
