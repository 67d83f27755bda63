/**
 * How much of the items' behaviour each block of features tells: the shares with which a kernel ridge on their inner products predicts
 * items that it did not see (`kernel-shares.ts`). Targets are the leading singular directions of the items' interactions at length 1, on
 * a seeded sample of the training items. No model has to be fitted first, and no item without interactions takes part.
 */
import { type ComputeBackend, defaultBackend } from "../../math/compute/backend.ts";
import { type KernelShares, kernelShares } from "../../math/kernel-shares.ts";
import { sparseMap } from "../../math/linear-map.ts";
import { type Matrix, type SparseMatrix, takeSparseRows } from "../../math/matrix.ts";
import { createRandom } from "../../math/random.ts";
import { unitSparseRows } from "../../math/sparse-product.ts";
import { truncatedSvd } from "../../math/truncated-svd.ts";

/** Items that shares are learnt from, and those that judge them, at most; time grows with the cube of the first. */
const [KEPT, HELD_OUT] = [1400, 1000];
const FEWEST = 30;
const TARGETS = 64;
const SEED = 1;

/** Standard errors up to which a block tells nothing, and from which on it tells something for sure. */
const [SILENT, SURE] = [1, 3];

export interface ShareRequest {
  /** users x items. */
  readonly behaviour: SparseMatrix;
  /** Items that may be learnt from. */
  readonly rows: ArrayLike<number>;
  /** Part that is dealt out evenly among blocks that tell something; what is learnt is learnt from a sample. */
  readonly evenly: number;
  /** Inner products of every block: items x columns, both given by their rows. */
  readonly productsAt: (items: readonly number[], columns: readonly number[]) => Promise<readonly Matrix[]>;
}

/** One share a block, summing to 1, 0 for a block that tells nothing; undefined where there is too little behaviour to tell. */
export async function blockShares(
  { behaviour, rows, evenly, productsAt }: ShareRequest,
  backend: ComputeBackend = defaultBackend(),
): Promise<readonly number[] | undefined> {
  const taken = await backend.transpose(behaviour);
  const known = Array.from(rows).filter((row) => taken.indptr[row + 1] > taken.indptr[row]);
  if (known.length < FEWEST) return undefined;
  const sample = sampleBySupport(known, taken);
  const kept = sample.slice(0, Math.ceil((sample.length * KEPT) / (KEPT + HELD_OUT)));
  const targets = await behaviourFactors(takeSparseRows(taken, sample), backend);
  const kernels = await productsAt(sample, kept);
  return settled(await kernelShares({ kernels, targets }, backend), evenly);
}

/**
 * Items by chance, in proportion to the root of their support (Efraimidis & Spirakis 2006): what one took is mostly noise. In random
 * order.
 */
function sampleBySupport(known: readonly number[], { indptr }: SparseMatrix): number[] {
  const random = createRandom(SEED);
  const keyed = known.map((row) => ({
    row,
    key: Math.log(1 - random.next()) / Math.sqrt(indptr[row + 1] - indptr[row]),
  }));
  const sample = keyed.sort((a, b) => b.key - a.key || a.row - b.row).slice(0, KEPT + HELD_OUT);
  random.shuffle(sample);
  return sample.map(({ row }) => row);
}

/** A block grows into its share from one standard error to three, so that no share hangs on a threshold. */
function settled({ shares, significance }: KernelShares, evenly: number): readonly number[] | undefined {
  const telling = significance.map((errors) => Math.min(1, Math.max(0, (errors - SILENT) / (SURE - SILENT))));
  const [all, learnt] = [sumOf(telling), sumOf(shares.map((share, b) => telling[b] * share))];
  if (!(learnt > 0)) return undefined;
  return shares.map((share, b) => telling[b] * (evenly / all + ((1 - evenly) * share) / learnt));
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
