/**
 * The regressor f: features -> factors (equation 4) on standardised features with presence bits: ridge, kernel ridge, nearest neighbours
 * or a network. Settings are chosen on held-out warm items by the squared error in the metric M that the caller gives:
 *   sum_i (f(x_i) - h_i)' M (f(x_i) - h_i),
 * score space with M = a0 G + l I, plain MSE without M. The residuals on those items are what the posterior trusts.
 */
import { type FeatureBlock, type FeatureMatrix, type Standardisation, standardise } from "../data/feature-matrix.ts";
import { TailrecError } from "../errors.ts";
import { type ComputeBackend, defaultBackend } from "../math/compute/backend.ts";
import type { Matrix } from "../math/matrix.ts";
import { parseOptions } from "../options.ts";
import { type RunContext, throwIfInterrupted } from "../run-context.ts";
import { prepareKernelRidge } from "./kinds/kernel-ridge.ts";
import { prepareKnn } from "./kinds/knn.ts";
import { prepareMlp } from "./kinds/mlp-fit.ts";
import { prepareRidge } from "./kinds/ridge.ts";
import {
  type PreparedKind,
  type PreparedTask,
  prepareTask,
  type RegressionData,
  type RegressionTask,
  type RegressorTrial,
  type Validated,
} from "./regression-task.ts";
import { applyMap, type RegressorKind, type RegressorMap } from "./regressor-map.ts";
import { type RegressorOptions, regressorOptionsSchema } from "./regressor-options.ts";
import { missingBlockInflation, residualVariance } from "./residuals.ts";

export type { RegressionData, RegressorTrial } from "./regression-task.ts";

/** f: its map, and what makes a catalog's features its inputs. */
export type TaughtRegressor = RegressorMap & { readonly standardisation: Standardisation };

/** What held-out items say of f. */
export interface RegressorReport {
  /** Every setting tried, of every kind. */
  readonly trials: readonly RegressorTrial[];
  /** Held-out mean square residual of every dimension: k. */
  readonly residualVariance: Float64Array;
  /** By block, how many times larger the residual variance is when the block is missing; at least 1. */
  readonly missingBlockInflation: Float64Array;
}

export type Regressor = TaughtRegressor & RegressorReport;

export interface RegressorContext extends RunContext {
  readonly backend?: ComputeBackend;
  /**
   * A validation figure of f(x) of every item (n x k), higher is better, e.g. NDCG@10 of cold items. Where it is given, `kind: auto`
   * decides by it; else by the held-out error.
   */
  readonly measure?: (prior: Matrix) => Promise<number>;
}

const kinds: Readonly<Record<RegressorKind, (task: RegressionTask) => PreparedKind>> = {
  ridge: prepareRidge,
  "kernel-ridge": prepareKernelRidge,
  knn: prepareKnn,
  mlp: prepareMlp,
};

/** Fits f on the items with enough support. NOT_ENOUGH_DATA when fewer than five can teach. */
export async function fitRegressor(
  data: RegressionData,
  options: RegressorOptions = {},
  context: RegressorContext = {},
): Promise<Regressor> {
  const prepared = prepare(data, options, context);
  const names = kindsOf(prepared);
  const measure = names.length > 1 ? context.measure : undefined;
  const entries: Entry[] = [];
  for (const [done, name] of names.entries()) {
    entries.push(await enter(name, data.features, prepared, measure));
    throwIfInterrupted(context);
    if (names.length > 1) reportEntry(context, entries[done], done + 1, names.length);
  }
  const best = entries.reduce((leader, entry) => (isBetter(entry, leader) ? entry : leader));
  const { standardisation, task } = prepared;
  const taught = { ...(await best.prepared.finish()), standardisation };
  return { ...taught, ...(await residualsOf(best.validated, task)), trials: entries.flatMap(trialsOf) };
}

/** f alone at the one setting of `options` (`sameSetting`): nothing is held out, nothing is said of what it misses. */
export async function teachRegressor(
  data: RegressionData,
  options: RegressorOptions,
  context: RegressorContext = {},
): Promise<TaughtRegressor> {
  const prepared = prepare(data, options, context);
  const [kind] = kindsOf(prepared);
  return { ...(await kinds[kind](prepared.task).finish()), standardisation: prepared.standardisation };
}

/** What `fitRegressor` would have said of f besides, given what it was taught from. */
export async function reportRegressor(
  taught: TaughtRegressor,
  data: RegressionData,
  options: RegressorOptions,
  context: RegressorContext = {},
): Promise<Regressor> {
  const { task } = prepare(data, options, context);
  const validated = await kinds[taught.kind](task).validate();
  return { ...taught, ...(await residualsOf(validated, task)), trials: validated.trials };
}

function prepare(data: RegressionData, options: RegressorOptions, context: RegressorContext): PreparedTask {
  const resolved = parseOptions(regressorOptionsSchema, options, "regressor");
  return prepareTask(data, resolved, context.backend ?? defaultBackend(), context);
}

function kindsOf({ task: { options } }: PreparedTask): readonly RegressorKind[] {
  return options.kind === "auto" ? options.kinds : [options.kind];
}

interface Entry {
  readonly prepared: PreparedKind;
  readonly validated: Validated;
  readonly error: number;
  /** With a measure only. */
  readonly figure?: number;
}

async function enter(
  kind: RegressorKind,
  features: FeatureMatrix,
  { task, standardisation }: PreparedTask,
  measure: RegressorContext["measure"],
): Promise<Entry> {
  const prepared = kinds[kind](task);
  const validated = await prepared.validate();
  const error = Math.min(...validated.trials.map((trial) => trial.error));
  if (measure === undefined) return { prepared, validated, error };
  const z = standardise(features, standardisation);
  const figure = await measure(await applyMap(await prepared.finish(), z, task.backend));
  return { prepared, validated, error, figure };
}

function isBetter(a: Entry, b: Entry): boolean {
  if (a.figure !== undefined && b.figure !== undefined) return a.figure > b.figure;
  return a.error < b.error;
}

function reportEntry(context: RunContext, { validated, error, figure }: Entry, done: number, total: number): void {
  const measured = figure === undefined ? "" : `, validation ${figure.toFixed(4)}`;
  const note = `${validated.map.kind}: held-out error ${error.toPrecision(4)}${measured}`;
  context.onProgress?.({ stage: "regressor kinds", done, total, note });
}

/** The kind's trials, its figure at the best of them. */
function trialsOf({ validated, error, figure }: Entry): RegressorTrial[] {
  return validated.trials.map((trial) =>
    figure !== undefined && trial.error === error ? { ...trial, figure } : trial,
  );
}

async function residualsOf(
  { map }: Validated,
  { heldOut, backend, blocks }: RegressionTask,
): Promise<Pick<RegressorReport, "residualVariance" | "missingBlockInflation">> {
  const predict = (z: Matrix) => applyMap(map, z, backend);
  return {
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
  regressor: TaughtRegressor,
  features: FeatureMatrix,
  backend: ComputeBackend = defaultBackend(),
): Promise<Matrix> {
  const [expected, received] = [layoutOf(regressor.standardisation.blocks), layoutOf(features.blocks)];
  if (received !== expected) {
    throw new TailrecError(
      "INVALID_ARGUMENT",
      `expected features of the blocks ${expected}, received ${received}; extract them with the feature space of the fit`,
    );
  }
  return applyMap(regressor, standardise(features, regressor.standardisation), backend);
}

/** Name and columns of every block. */
function layoutOf(blocks: readonly FeatureBlock[]): string {
  return blocks.map(({ name, offset, dimension }) => `${name} ${offset}-${offset + dimension - 1}`).join(", ");
}
