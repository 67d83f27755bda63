/**
 * Implicit ALS with an item prior (equation 1; Hu et al. 2008 in the form of Rendle et al. 2022). Minimises
 *   sum_obs c_ui (w_u.h_i - 1)^2 + a0 sum_all (w_u.h_i)^2 + sum_u l_u |w_u|^2 + sum_i l_i |h_i - p_i|^2.
 * By conjugate gradients both sides stay in the coordinates of the last half-sweep (`factorsInto` of compute-backend.ts) from one to the next.
 * The factors are returned in the eigenbasis of the user Gram, so that it is diagonal and the leading dimensions
 * carry the most score variance; a rotation changes neither scores nor the loss. Items are solved last.
 */
import { TailrecError } from "../errors.ts";
import { defaultBackend } from "../math/compute/backend.ts";
import { sharedCopy, sharedMatrix, sharedSparse, sharedZeros } from "../math/compute/shared-memory.ts";
import { transpose } from "../math/linear-map.ts";
import { type Matrix, type SparseMatrix, toFloat32, zeros } from "../math/matrix.ts";
import { createRandom } from "../math/random.ts";
import { parseOptions } from "../options.ts";
import { type Progress, throwIfInterrupted } from "../run-context.ts";
import { type AlsOptions, alsOptionsSchema, type ResolvedAlsOptions } from "./als-options.ts";
import { coarseItemFactors } from "./coarse-start.ts";
import { effectiveRank } from "./effective-rank.ts";
import { type BackendContext, type SweepRows, solveHalfSweep, sweepRows } from "./half-sweep.ts";
import { requireLearned } from "./learned-check.ts";
import { withUnobservedWeight } from "./unobserved-weight.ts";

export interface AlsModel {
  /** users x k. */
  readonly userFactors: Matrix;
  /** items x k; each row solves equation 2 against `userFactors`. */
  readonly itemFactors: Matrix;
  /** G = sum_u w_u w_u': k x k, diagonal up to rounding, descending. */
  readonly gram: Matrix<Float64Array>;
  readonly options: ResolvedAlsOptions;
}

export interface AlsContext extends BackendContext {
  /** p: items x k, in the basis of `start` (or of the seed). Zero when absent. */
  readonly itemPrior?: Matrix;
  /** Item factors to start from, items x k; seeded noise when absent. */
  readonly start?: Matrix;
  /** Content stands beside the factors, so that `rank: auto` is lower; false when absent. */
  readonly besideContent?: boolean;
}

/**
 * Fits factors to interactions (users x items). NOT_ENOUGH_DATA without a user, an item or an interaction, and where the weights
 * are so small that all factors vanish; INVALID_ARGUMENT names the row of a broken weight or index.
 */
export async function fitAls(
  interactions: SparseMatrix,
  options: AlsOptions = {},
  context: AlsContext = {},
): Promise<AlsModel> {
  const parsed = parseOptions(alsOptionsSchema, options, "collaborative");
  requireData(interactions);
  const backend = context.backend ?? defaultBackend();
  const rank = await rankFor(parsed, interactions, { ...context, backend });
  const resolved = withUnobservedWeight({ ...parsed, rank }, interactions);
  // What every sweep reads and writes lies in shared memory: no sweep copies it (decision 053).
  const byUser = sharedSweep(interactions, resolved);
  const byItem = sharedSweep(await backend.transpose(interactions), resolved);
  const { solver } = resolved;
  // A prior would have to be turned along.
  const turned = (factors: Matrix) => (solver === "cg" && context.itemPrior === undefined ? factors : undefined);
  reportIteration(0, resolved, context);
  let itemFactors = context.start
    ? sharedCopyOf(context.start)
    : sharedMatrix(await firstItemFactors(interactions, resolved, context));
  const within = (side: string, done: number) => sweepContext(side, done, resolved, context);
  let userFactors = sharedZeros(interactions.rows, resolved.rank);
  const first = { rows: byUser, factors: itemFactors, solver, into: userFactors, factorsInto: turned(itemFactors) };
  userFactors = await solveHalfSweep(first, resolved, within("users", 0));
  for (let iteration = 1; iteration < resolved.iterations; iteration++) {
    reportIteration(iteration, resolved, context);
    const items = {
      rows: byItem,
      factors: userFactors,
      prior: context.itemPrior,
      solver,
      start: startOf(itemFactors, resolved),
      into: itemFactors,
      factorsInto: turned(userFactors),
    };
    itemFactors = await solveHalfSweep(items, resolved, within("items", iteration));
    const start = startOf(userFactors, resolved);
    const factorsInto = turned(itemFactors);
    const users = { rows: byUser, factors: itemFactors, solver, start, into: userFactors, factorsInto };
    userFactors = await solveHalfSweep(users, resolved, within("users", iteration));
  }
  const last = await toEigenbasis({ rows: byItem, factors: userFactors, prior: context.itemPrior }, backend);
  itemFactors = await solveHalfSweep(last, resolved, within("items", resolved.iterations - 1));
  reportIteration(resolved.iterations, resolved, context);
  requireLearned(last.factors, itemFactors, interactions, resolved);
  return { userFactors: last.factors, itemFactors, gram: last.gram, options: resolved };
}

/** The rank of the options; where it is `auto`, that of the start or what the interactions carry. */
export async function rankFor(
  { rank = "auto" }: AlsOptions,
  interactions: SparseMatrix,
  { start, besideContent, backend }: Pick<AlsContext, "start" | "besideContent" | "backend">,
): Promise<number> {
  return rank === "auto" ? (start?.columns ?? effectiveRank(interactions, { besideContent }, backend)) : rank;
}

function requireData({ rows, columns, indices }: SparseMatrix): void {
  if (rows > 0 && columns > 0 && indices.length > 0) return;
  const received = `${rows} users and ${columns} items with ${indices.length} interactions`;
  throw new TailrecError(
    "NOT_ENOUGH_DATA",
    `expected users, items and interactions to train on, received ${received}; add interactions`,
  );
}

function reportIteration(done: number, { iterations }: ResolvedAlsOptions, context: AlsContext): void {
  throwIfInterrupted(context);
  context.onProgress?.({ stage: "als", done, total: iterations });
}

/** What a half-sweep is given: how many of its rows are solved shows as a note of the iteration. */
function sweepContext(
  side: string,
  done: number,
  { iterations: total }: ResolvedAlsOptions,
  context: AlsContext,
): AlsContext {
  const { onProgress } = context;
  if (onProgress === undefined) return context;
  const show = (rows: Progress) =>
    onProgress({ stage: "als", done, total, note: `${side} ${rows.done}/${rows.total}` });
  return { ...context, onProgress: show };
}

/** Where conjugate gradients go on from; nothing for the exact solver. */
function startOf(factors: Matrix, { solver }: ResolvedAlsOptions): Matrix | undefined {
  return solver === "cg" ? factors : undefined;
}

/** Factors of users (rows of weights over items) against fixed item vectors: users x k. A weight of `auto` is that of these rows. */
export function foldInUsers(
  rows: SparseMatrix,
  itemVectors: Matrix,
  options: AlsOptions = {},
  context: BackendContext = {},
): Promise<Matrix> {
  const resolved = withUnobservedWeight(parseOptions(alsOptionsSchema, options, "collaborative"), rows);
  return solveHalfSweep({ rows, factors: itemVectors }, resolved, context);
}

/** Factors of items (rows of weights over users) in a fitted model: items x k. */
export function foldInItems(model: AlsModel, rows: SparseMatrix, context: AlsContext = {}): Promise<Matrix> {
  const sweep = { rows, factors: model.userFactors, gram: model.gram, prior: context.itemPrior };
  return solveHalfSweep(sweep, model.options, context);
}

/** Noise; where training is by conjugate gradients, for large data, nearer to where it leads. */
function firstItemFactors(
  interactions: SparseMatrix,
  options: ResolvedAlsOptions,
  context: AlsContext,
): Promise<Matrix> | Matrix {
  const noise = initialFactors(interactions.columns, options);
  return options.solver === "cg" ? coarseItemFactors(interactions, noise, options, context) : noise;
}

/** Normal noise of standard deviation 0.1 / sqrt(k), Rendle 2022. */
function initialFactors(items: number, { rank, seed }: ResolvedAlsOptions): Matrix {
  const random = createRandom(seed);
  const factors = zeros(items, rank);
  for (let p = 0; p < factors.values.length; p++) factors.values[p] = (0.1 / Math.sqrt(rank)) * random.normal();
  return factors;
}

interface RotatedSweep {
  readonly rows: SweepRows;
  readonly factors: Matrix;
  readonly gram: Matrix<Float64Array>;
  readonly prior?: Matrix;
}

/** The same item half-sweep with user factors and prior turned by Q, where G = Q diag(g) Q'. */
async function toEigenbasis(
  sweep: { readonly rows: SweepRows; readonly factors: Matrix; readonly prior?: Matrix },
  backend: ReturnType<typeof defaultBackend>,
): Promise<RotatedSweep> {
  const { vectors } = await backend.eigen(await backend.gram(sweep.factors));
  const rotation = transpose(toFloat32(vectors));
  const factors = await backend.multiplyTransposed(sweep.factors, rotation);
  const prior = sweep.prior && (await backend.multiplyTransposed(sweep.prior, rotation));
  return { rows: sweep.rows, factors, prior, gram: await backend.gram(factors) };
}

function sharedCopyOf(matrix: Matrix): Matrix {
  return { ...matrix, values: sharedCopy(matrix.values) };
}

function sharedSweep(interactions: SparseMatrix, options: ResolvedAlsOptions): SweepRows {
  const { rows, regularization } = sweepRows(interactions, options);
  return { rows: sharedSparse(rows), regularization };
}
