/**
 * How much of the behaviour each block of features explains: variance components (`variance-components.ts`) of the items' factors,
 *   r_i ~ N(0, sum_b t_b K_b + s I),   r the leading singular directions of the items' interactions at length 1,
 * on a seeded sample of the training items. No model has to be fitted first, and no item without interactions takes part.
 */
import { type ComputeBackend, defaultBackend } from "../../math/compute/backend.ts";
import { sparseMap } from "../../math/linear-map.ts";
import { type Matrix, type SparseMatrix, takeSparseRows } from "../../math/matrix.ts";
import { createRandom } from "../../math/random.ts";
import { unitSparseRows } from "../../math/sparse-product.ts";
import { truncatedSvd } from "../../math/truncated-svd.ts";
import { varianceComponents } from "../../math/variance-components.ts";

/** Items that the shares are learnt from; time grows with their cube, and more of them change little. */
const SAMPLE = 1000;
const FEWEST = 30;
const TARGETS = 64;
const SEED = 1;

/** A block that explains less than this share of what all explain tells nothing. */
const NOTHING = 0.02;

export interface ShareRequest {
  /** users x items. */
  readonly behaviour: SparseMatrix;
  /** Items that may be learnt from. */
  readonly rows: ArrayLike<number>;
  /** The Gram of every block at the given items. */
  readonly gramsAt: (items: readonly number[]) => Promise<readonly Matrix[]>;
}

/** t_b of every block, summing to 1, 0 for a block that tells nothing; undefined where there is too little behaviour to tell. */
export async function blockShares(
  { behaviour, rows, gramsAt }: ShareRequest,
  backend: ComputeBackend = defaultBackend(),
): Promise<readonly number[] | undefined> {
  const taken = await backend.transpose(behaviour);
  const known = Array.from(rows).filter((row) => taken.indptr[row + 1] > taken.indptr[row]);
  if (known.length < FEWEST) return undefined;
  createRandom(SEED).shuffle(known);
  const sample = known.slice(0, SAMPLE).sort((a, b) => a - b);
  const targets = await behaviourFactors(takeSparseRows(taken, sample), backend);
  const { shares, explained } = await varianceComponents({ kernels: await gramsAt(sample), targets }, backend);
  const total = sumOf(explained);
  const telling = shares.map((share, b) => (explained[b] >= NOTHING * total ? share : 0));
  return total > 0 ? telling.map((share) => share / sumOf(telling)) : undefined;
}

/** U S of the rows at length 1: items x targets. */
async function behaviourFactors(rows: SparseMatrix, backend: ComputeBackend): Promise<Matrix> {
  const map = sparseMap(unitSparseRows(rows), backend);
  const { right } = await truncatedSvd(map, { rank: TARGETS, seed: SEED }, backend);
  return map.times(right);
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
