/**
 * Item factors to begin with on large data: an alternation on a thirty-second of the users, from seeded noise, one on a sixteenth
 * and one on an eighth, each from what the last one found. A popular item needs no ten thousand users to find its place, and the
 * first alternations, which begin far away, need them least: for .6 of an epoch's time, one epoch from there ends .3 % above the
 * best loss of M/64 of `bench:als`, two from noise 1.7 %. Below some users a dimension a sample says too little: it is left out.
 */
import { defaultBackend } from "../math/compute/backend.ts";
import { sharedCopy, sharedZeros } from "../math/compute/shared-memory.ts";
import { type Matrix, type SparseMatrix, takeSparseRows } from "../math/matrix.ts";
import { createRandom } from "../math/random.ts";
import type { ResolvedAlsOptions } from "./als-options.ts";
import { type BackendContext, solveHalfSweep, sweepRows } from "./half-sweep.ts";

/** Users for each one in the sample of an alternation. */
const RUNGS = [32, 16, 8];
const LEAST_SAMPLED_PER_DIMENSION = 8;

interface CoarseContext extends BackendContext {
  readonly itemPrior?: Matrix;
}

/** Item factors (items x k) nearer to those of `interactions` (users x items) than `noise`; `noise` itself where users are few. */
export async function coarseItemFactors(
  interactions: SparseMatrix,
  noise: Matrix,
  options: ResolvedAlsOptions,
  context: CoarseContext = {},
): Promise<Matrix> {
  const counts = RUNGS.map((users) => Math.floor(interactions.rows / users));
  const enough = counts.filter((count) => count >= LEAST_SAMPLED_PER_DIMENSION * options.rank);
  if (enough.length === 0) return noise;
  let items: Matrix = { ...noise, values: sharedCopy(noise.values) };
  for (const count of enough) {
    const rows = sampleOf(interactions.rows, count, options.seed);
    items = await alternate(takeSparseRows(interactions, rows), items, options, context);
  }
  return items;
}

/** Factors of the users of a sample and then of the items, in place of what they were. */
async function alternate(
  sample: SparseMatrix,
  items: Matrix,
  options: ResolvedAlsOptions,
  { itemPrior: prior, signal, backend = defaultBackend() }: CoarseContext,
): Promise<Matrix> {
  const quiet = { signal, backend };
  const { solver } = options;
  const turned = (factors: Matrix) => (prior === undefined ? factors : undefined);
  const byUser = sweepRows(sample, options);
  const into = sharedZeros(sample.rows, options.rank);
  const first = { rows: byUser, factors: items, solver, into, factorsInto: turned(items) };
  const users = await solveHalfSweep(first, options, quiet);
  const byItem = sweepRows(await backend.transpose(sample), options);
  const sweep = { rows: byItem, factors: users, prior, solver, start: items, into: items, factorsInto: turned(users) };
  return solveHalfSweep(sweep, options, quiet);
}

/** So many of the rows, ascending: one by seed of each of as many runs of neighbours. */
function sampleOf(rows: number, count: number, seed: number): Uint32Array {
  const random = createRandom(seed);
  const begin = (run: number): number => Math.floor((run * rows) / count);
  return Uint32Array.from({ length: count }, (_, run) => begin(run) + random.integer(begin(run + 1) - begin(run)));
}
