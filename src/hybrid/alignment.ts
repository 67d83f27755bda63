/**
 * Continuity of vectors from one model to the next: the score axes turned so that items which both know lie as near as may be to where
 * they lay before (math/procrustes.ts). A rotation changes no score, no cosine and no length. Vectors that are stored elsewhere
 * then move only as far as what they say has changed.
 */
import { type ComputeBackend, defaultBackend } from "../math/compute/backend.ts";
import { transpose } from "../math/linear-map.ts";
import { type Matrix, takeRows } from "../math/matrix.ts";
import { orthogonalMap } from "../math/procrustes.ts";
import { alongAxes } from "./score-axes.ts";

/** What is aligned: item vectors, and the axes along which they are given away. */
export interface AxedVectors {
  readonly ids: readonly string[];
  /** n x d. */
  readonly vectors: Matrix;
  /** d x e, rows orthonormal; absent where vectors are given away as they are. */
  readonly axes?: Matrix;
}

/** Vectors as they are given away: n x e. */
export async function givenAway({ vectors, axes }: AxedVectors, backend?: ComputeBackend): Promise<Matrix> {
  return axes === undefined ? vectors : alongAxes(vectors, axes, backend);
}

/** Rows of the items that both have, in the order of the first. */
export function sharedRows(a: readonly string[], b: readonly string[]): readonly (readonly [number, number])[] {
  const rowOfId = new Map(b.map((id, row) => [id, row]));
  return a.flatMap((id, row) => {
    const other = rowOfId.get(id);
    return other === undefined ? [] : [[row, other] as const];
  });
}

/** New axes for `later`: d x the larger of both dimensions, along which its vectors lie nearest to those of `earlier`. */
export async function alignedAxes(
  later: AxedVectors,
  earlier: AxedVectors,
  backend: ComputeBackend = defaultBackend(),
): Promise<Matrix> {
  const shared = sharedRows(later.ids, earlier.ids);
  const [mine, theirs] = [shared.map(([row]) => row), shared.map(([, row]) => row)];
  const from = await givenAway({ ...later, vectors: takeRows(later.vectors, mine) }, backend);
  const to = await givenAway({ ...earlier, vectors: takeRows(earlier.vectors, theirs) }, backend);
  const map = await orthogonalMap(from, to, backend);
  return later.axes === undefined ? map : backend.multiplyTransposed(later.axes, transpose(map));
}
