/**
 * Item factors to begin with on large data: two alternations on an eighth of the users, from seeded noise. A popular item needs no
 * ten thousand users to find its place, so half of an epoch's time comes nearer than two whole ones: on M/64 of `bench:als` one epoch from there
 * ends .8 % above the best loss, two from noise 1.7 %. Below some users a dimension a sample says too little, and noise has to do.
 */
import { defaultKernel } from "../math/kernel.ts";
import { type Matrix, type SparseMatrix, takeSparseRows } from "../math/matrix.ts";
import { createRandom } from "../math/random.ts";
import type { ResolvedAlsOptions } from "./als-options.ts";
import { type KernelContext, solveHalfSweep } from "./half-sweep.ts";

const USERS_PER_SAMPLED = 8;
const LEAST_SAMPLED_PER_DIMENSION = 8;
const ALTERNATIONS = 2;

/** Item factors (items x k) nearer to those of `interactions` (users x items) than `noise`; `noise` itself where users are few. */
export async function coarseItemFactors(
  interactions: SparseMatrix,
  noise: Matrix,
  options: ResolvedAlsOptions,
  context: KernelContext & { readonly itemPrior?: Matrix } = {},
): Promise<Matrix> {
  const count = Math.floor(interactions.rows / USERS_PER_SAMPLED);
  if (count < LEAST_SAMPLED_PER_DIMENSION * options.rank) return noise;
  const { itemPrior: prior, signal, kernel = defaultKernel() } = context;
  const quiet = { signal, kernel };
  const byUser = takeSparseRows(interactions, sampleOf(interactions.rows, count, options.seed));
  const byItem = await kernel.transpose(byUser);
  const { solver } = options;
  let items = noise;
  let users: Matrix | undefined;
  for (let alternation = 0; alternation < ALTERNATIONS; alternation++) {
    users = await solveHalfSweep({ rows: byUser, factors: items, solver, start: users }, options, quiet);
    items = await solveHalfSweep({ rows: byItem, factors: users, prior, solver, start: items }, options, quiet);
  }
  return items;
}

/** So many of the rows, drawn by seed, ascending. */
function sampleOf(rows: number, count: number, seed: number): Uint32Array {
  const order = Uint32Array.from({ length: rows }, (_, row) => row);
  createRandom(seed).shuffle(order);
  return order.subarray(0, count).slice().sort();
}
