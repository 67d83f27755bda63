/**
 * The regressor f: features -> factors (equation 4) on standardised features with presence bits: ridge, kernel ridge, nearest neighbours
 * or a network. Settings are chosen on held-out warm items by the squared error in the metric M that the caller gives:
 *   sum_i (f(x_i) - h_i)' M (f(x_i) - h_i),
 * score space with M = a0 G + l I, plain MSE without M. The residuals on those items are what the posterior trusts.
 */
import { type FeatureBlock, type FeatureMatrix, type Standardisation, standardise } from "../data/feature-matrix.ts";
import { TailrecError } from "../errors.ts";
import { defaultKernel, type Kernel } from "../math/kernel.ts";
import type { Matrix } from "../math/matrix.ts";
import { parseOptions } from "../options.ts";
import { type RunContext, throwIfInterrupted } from "../run-context.ts";
import { fitKernelRidge } from "./kernel-ridge.ts";
import { fitKnn } from "./knn.ts";
import { fitMlp } from "./mlp-fit.ts";
import {
  type FittedKind,
  type PreparedTask,
  prepareTask,
  type RegressionData,
  type RegressionTask,
  type RegressorTrial,
} from "./regression-task.ts";
import { applyMap, type RegressorKind, type RegressorMap } from "./regressor-map.ts";
import { type RegressorOptions, regressorOptionsSchema } from "./regressor-options.ts";
import { missingBlockInflation, residualVariance } from "./residuals.ts";
import { fitRidge } from "./ridge.ts";

export type { RegressionData, RegressorTrial } from "./regression-task.ts";

/** What every kind says besides its map. */
export interface RegressorReport {
  readonly standardisation: Standardisation;
  /** Every setting tried, of every kind. */
  readonly trials: readonly RegressorTrial[];
  /** Held-out mean square residual of every dimension: k. */
  readonly residualVariance: Float64Array;
  /** By block, how many times larger the residual variance is when the block is missing; at least 1. */
  readonly missingBlockInflation: Float64Array;
}

export type Regressor = RegressorReport & RegressorMap;

export interface RegressorContext extends RunContext {
  readonly kernel?: Kernel;
  /**
   * A validation figure of f(x) of every item (n x k), higher is better, e.g. NDCG@10 of cold items. Where it is given, `kind: auto`
   * decides by it; else by the held-out error.
   */
  readonly measure?: (prior: Matrix) => Promise<number>;
}

const fits: Readonly<Record<RegressorKind, (task: RegressionTask) => Promise<FittedKind>>> = {
  ridge: fitRidge,
  "kernel-ridge": fitKernelRidge,
  knn: fitKnn,
  mlp: fitMlp,
};

/** Fits f on the items with enough support. NOT_ENOUGH_DATA when fewer than five can teach. */
export async function fitRegressor(
  data: RegressionData,
  options: RegressorOptions = {},
  context: RegressorContext = {},
): Promise<Regressor> {
  const resolved = parseOptions(regressorOptionsSchema, options, "regressor");
  const kernel = context.kernel ?? defaultKernel();
  const prepared = prepareTask(data, resolved, kernel, context);
  const kinds = resolved.kind === "auto" ? resolved.kinds : [resolved.kind];
  const measure = kinds.length > 1 ? context.measure : undefined;
  const entries: Entry[] = [];
  for (const [done, kind] of kinds.entries()) {
    entries.push(await enter(kind, data.features, prepared, measure));
    throwIfInterrupted(context);
    if (kinds.length > 1) reportEntry(context, entries[done], done + 1, kinds.length);
  }
  const best = entries.reduce((leader, entry) => (isBetter(entry, leader) ? entry : leader));
  return describe(best, entries.flatMap(trialsOf), prepared);
}

interface Entry {
  readonly fitted: FittedKind;
  readonly error: number;
  /** With a measure only. */
  readonly finished?: RegressorMap;
  readonly figure?: number;
}

async function enter(
  kind: RegressorKind,
  features: FeatureMatrix,
  { task, standardisation }: PreparedTask,
  measure: RegressorContext["measure"],
): Promise<Entry> {
  const fitted = await fits[kind](task);
  const error = Math.min(...fitted.trials.map((trial) => trial.error));
  if (measure === undefined) return { fitted, error };
  const finished = await fitted.finish();
  const figure = await measure(await applyMap(finished, standardise(features, standardisation), task.kernel));
  return { fitted, error, finished, figure };
}

function isBetter(a: Entry, b: Entry): boolean {
  if (a.figure !== undefined && b.figure !== undefined) return a.figure > b.figure;
  return a.error < b.error;
}

function reportEntry(context: RunContext, { fitted, error, figure }: Entry, done: number, total: number): void {
  const measured = figure === undefined ? "" : `, validation ${figure.toFixed(4)}`;
  const note = `${fitted.validated.kind}: held-out error ${error.toPrecision(4)}${measured}`;
  context.onProgress?.({ stage: "regressor kinds", done, total, note });
}

/** The kind's trials, its figure at the best of them. */
function trialsOf({ fitted, error, figure }: Entry): RegressorTrial[] {
  return fitted.trials.map((trial) => (figure !== undefined && trial.error === error ? { ...trial, figure } : trial));
}

async function describe(
  { fitted, finished }: Entry,
  trials: readonly RegressorTrial[],
  { task, standardisation }: PreparedTask,
): Promise<Regressor> {
  const { heldOut, kernel, blocks } = task;
  const predict = (z: Matrix) => applyMap(fitted.validated, z, kernel);
  return {
    ...(finished ?? (await fitted.finish())),
    standardisation,
    trials,
    residualVariance: residualVariance(await predict(heldOut.x), heldOut.y),
    missingBlockInflation: await missingBlockInflation(heldOut, blocks, predict),
  };
}

/** Options that fit the same kind at the same setting again: what repeated fits to the same items use. */
export function sameSetting(options: RegressorOptions, regressor: RegressorMap): RegressorOptions {
  const { kind } = regressor;
  if (kind === "knn") {
    const { neighbours, shrinkage } = regressor;
    return { ...options, kind, knn: { ...options.knn, neighbours: [neighbours], shrinkage: [shrinkage] } };
  }
  const { regularization } = regressor;
  if (kind === "ridge") return { ...options, kind, regularization };
  if (kind === "kernel-ridge") {
    const { bandwidth } = regressor;
    return { ...options, kind, regularization, kernelRidge: { ...options.kernelRidge, bandwidths: [bandwidth] } };
  }
  return { ...options, kind, regularization, mlp: { ...options.mlp, epochs: regressor.epochs } };
}

/** p = f(x) for every row: n x k. INVALID_ARGUMENT when the features have other blocks than those of the fit. */
export async function predictPrior(
  regressor: Regressor,
  features: FeatureMatrix,
  kernel: Kernel = defaultKernel(),
): Promise<Matrix> {
  const [expected, received] = [layoutOf(regressor.standardisation.blocks), layoutOf(features.blocks)];
  if (received !== expected) {
    throw new TailrecError(
      "INVALID_ARGUMENT",
      `expected features of the blocks ${expected}, received ${received}; extract them with the feature space of the fit`,
    );
  }
  return applyMap(regressor, standardise(features, regressor.standardisation), kernel);
}

/** Name and columns of every block. */
function layoutOf(blocks: readonly FeatureBlock[]): string {
  return blocks.map(({ name, offset, dimension }) => `${name} ${offset}-${offset + dimension - 1}`).join(", ");
}
