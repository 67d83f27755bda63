/**
 * The regressor f: features -> factors (equation 4) on standardised features with presence bits, of one of the kinds in
 * `regressor-kinds.ts`. Settings are chosen on held-out warm items (`setting-choice.ts`), by the squared error in the metric M,
 *   sum_i (f(x_i) - h_i)' M (f(x_i) - h_i),
 * score space with M = a0 G + l I, plain MSE without M, and by their order. Residuals on those items are what the posterior trusts.
 */
import type { FeatureBlock, FeatureMatrix, Standardisation } from "../data/feature-matrix.ts";
import { TailrecError } from "../errors.ts";
import { type ComputeBackend, defaultBackend } from "../math/compute/backend.ts";
import type { Matrix } from "../math/matrix.ts";
import { parseOptions } from "../options.ts";
import { bestKind, type RegressorTrial, trialsOf, validateKinds } from "./kind-choice.ts";
import { penaltyOptions, withNextSmaller } from "./penalty-choice.ts";
import {
  type FitContext,
  inputsOf,
  type PreparedTask,
  prepareTask,
  type RegressionData,
  type RegressionTask,
  withFactors,
} from "./regression-task.ts";
import type { RegressorKind, Validated } from "./regressor-kind.ts";
import { candidateKinds, type RegressorExtensions } from "./regressor-kinds.ts";
import {
  type RegressorOptions,
  type ResolvedRegressorOptions,
  regressorOptionsSchemaWith,
} from "./regressor-options.ts";
import { missingBlockInflation, missingPartInflation, residualVariance, squaredError } from "./residuals.ts";
import type { Inputs } from "./training-set.ts";

export type { RegressorTrial } from "./kind-choice.ts";
export type { RegressionData } from "./regression-task.ts";

/** f: the map of its kind, and what makes a catalog's features its inputs. */
export interface FittedRegressor {
  /** The name of the kind. */
  readonly kind: string;
  /** The kind itself, which knows the numbers of the map that stand beside it. */
  readonly implementation: RegressorKind;
  readonly standardisation: Standardisation;
}

/** What held-out items say of f. */
export interface RegressorReport {
  /** Every setting tried, of every kind. */
  readonly trials: readonly RegressorTrial[];
  /** Held-out mean square residual of every dimension: k. */
  readonly residualVariance: Float64Array;
  /**
   * By block, then by part of the block that is reduced: how many times larger the residual variance is when it is missing; at
   * least 1. Bundles of tailrec 0.2.0 know the blocks alone.
   */
  readonly missingBlockInflation: Float64Array;
}

export type Regressor = FittedRegressor & RegressorReport;

export interface RegressorContext extends RegressorExtensions, Omit<FitContext, "tfjs"> {
  readonly backend?: ComputeBackend;
}

/** Fits f on the items with enough support. NOT_ENOUGH_DATA when none has it. */
export async function fitRegressor(
  data: RegressionData,
  options: RegressorOptions = {},
  context: RegressorContext = {},
): Promise<Regressor> {
  const { task, standardisation } = prepare(data, options, context);
  const results = await validateKinds(candidateKinds(task.options, context), task);
  const { kind, prepared, validated } = bestKind(results);
  const fitted = named(kind, await prepared.refit(), standardisation);
  return { ...fitted, ...(await residualsOf(kind, validated, task)), trials: results.flatMap(trialsOf) };
}

/** f alone, and f(x) of every item: n x k. */
export interface Refit {
  readonly regressor: FittedRegressor;
  readonly prior: Matrix;
}

/**
 * f alone at the one setting of `options` (`sameSetting`), fitted to factors of the same items that come one after the other: what
 * does not depend on them is prepared once. Nothing is held out, nothing is said of what f misses.
 */
export function prepareRefits(
  data: RegressionData,
  options: RegressorOptions,
  context: RegressorContext = {},
): (factors: Matrix) => Promise<Refit> {
  const prepared = prepare(data, options, context);
  const { task, standardisation } = prepared;
  const [kind] = candidateKinds(task.options, context);
  const refit = kind.prepareRefits?.(task);
  return async (factors) => {
    const learned = withFactors(prepared, factors);
    const map = await (refit === undefined ? kind.prepare(learned).refit() : refit(learned.all.y));
    const { x, sparse } = inputsOf(data.features, standardisation);
    const prior = await kind.apply(map, x, task.backend, sparse);
    return { regressor: named(kind, map, standardisation), prior };
  };
}

/** f alone at the one setting of `options` (`sameSetting`): nothing is held out, nothing is said of what it misses. */
export async function refitRegressor(
  data: RegressionData,
  options: RegressorOptions,
  context: RegressorContext = {},
): Promise<FittedRegressor> {
  const { task, standardisation } = prepare(data, options, context);
  const [kind] = candidateKinds(task.options, context);
  return named(kind, await kind.prepare(task).refit(), standardisation);
}

/** What `fitRegressor` would have said of f besides, given what it was fitted to. */
export async function reportRegressor(
  fitted: FittedRegressor,
  data: RegressionData,
  options: RegressorOptions,
  context: RegressorContext = {},
): Promise<Regressor> {
  const { task } = prepare(data, options, context);
  const { implementation: kind } = fitted;
  const validated = await kind.prepare(task).validate();
  return { ...fitted, ...(await residualsOf(kind, validated, task)), trials: trialsOf({ kind, validated }) };
}

function named(implementation: RegressorKind, map: object, standardisation: Standardisation): FittedRegressor {
  return { ...map, kind: implementation.name, implementation, standardisation };
}

function prepare(
  data: RegressionData,
  options: RegressorOptions,
  context: RegressorContext,
): PreparedTask<ResolvedRegressorOptions> {
  const resolved = parseOptions(regressorOptionsSchemaWith(context), options, "regressor");
  return prepareTask(data, resolved, context.backend ?? defaultBackend(), context);
}

async function residualsOf(
  kind: RegressorKind,
  { map }: Validated,
  task: RegressionTask,
): Promise<Pick<RegressorReport, "residualVariance" | "missingBlockInflation">> {
  const { backend, blocks, reduction } = task;
  const heldOut = { ...task.heldOut };
  const predict = ({ x, sparse }: Inputs) => kind.apply(map, x, backend, sparse);
  const predicted = await predict(heldOut);
  return {
    residualVariance: residualVariance(predicted, heldOut.y),
    missingBlockInflation: Float64Array.from([
      ...(await missingBlockInflation(heldOut, blocks, squaredError(predicted, heldOut.y), predict)),
      ...(await missingPartInflation(heldOut, blocks, reduction, predict)),
    ]),
  };
}

/** Options that fit the same kind at the same setting again: what repeated fits to the same items use. */
export function sameSetting(options: RegressorOptions, regressor: FittedRegressor): RegressorOptions {
  const { kind, implementation } = regressor;
  return { ...options, kind, ...implementation.sameSetting(regressor, options) };
}

/** The setting of a regressor apart from other options, as plain values: its kind, and what `sameSetting` of the kind names. */
export type RegressorSetting = Readonly<Record<string, unknown>>;

/**
 * What later fits to more interactions may take over. A penalty that the options leave open stays so between that of the regressor
 * and the next smaller one: more data want less of it.
 */
export function settingOf(regressor: FittedRegressor, options: RegressorOptions): RegressorSetting {
  const { regularization, ...setting } = sameSetting({}, regressor);
  if (typeof regularization !== "number") return setting;
  if (typeof options.regularization === "number") return { ...setting, regularization };
  return {
    ...setting,
    candidates: withNextSmaller(penaltyOptions.candidates.parse(options.candidates), regularization),
  };
}

/** Options at such a setting. An option with parts keeps those that the setting does not name. */
export function atSetting(options: RegressorOptions, setting: RegressorSetting): RegressorOptions {
  const given: RegressorSetting = { ...options };
  const parts = Object.entries(setting).map(([name, value]) => [name, joined(given[name], value)] as const);
  return { ...options, ...Object.fromEntries(parts) };
}

function joined(given: unknown, value: unknown): unknown {
  return isRecord(given) && isRecord(value) ? { ...given, ...value } : value;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** p = f(x) for every row: n x k. INVALID_ARGUMENT when the features have other blocks than those of the fit. */
export async function predictPrior(
  regressor: FittedRegressor,
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
  const { x, sparse } = inputsOf(features, regressor.standardisation);
  return regressor.implementation.apply(regressor, x, backend, sparse);
}

/** Name and columns of every block. */
function layoutOf(blocks: readonly FeatureBlock[]): string {
  return blocks.map(({ name, offset, dimension }) => `${name} ${offset}-${offset + dimension - 1}`).join(", ");
}
