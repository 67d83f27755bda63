/**
 * Joint training: the prior enters ALS. Alternates equation 1 (factors, drawn towards p_i = f(x_i)) and equation 4 (f, fitted
 * to the new factors), starting from plain ALS. The regressor's setting is chosen once, on factors that no prior has touched:
 * later the held-out items' own factors have been drawn to predictions that knew them.
 */
import { type AlsContext, type AlsModel, fitAls } from "../als/als.ts";
import { type BackendContext, rowRegularization, scaleConfidence } from "../als/half-sweep.ts";
import type { FeatureMatrix } from "../data/feature-matrix.ts";
import { itemSupport } from "../data/interactions.ts";
import { defaultBackend } from "../math/compute/backend.ts";
import { type Matrix, type SparseMatrix, transposeSparse } from "../math/matrix.ts";
import { mean } from "../math/statistics.ts";
import {
  type FittedRegressor,
  fitRegressor,
  predictPrior,
  type RegressionData,
  type Regressor,
  type RegressorTrial,
  refitRegressor,
  reportRegressor,
  sameSetting,
} from "../regressor/regressor.ts";
import type { RegressorExtensions } from "../regressor/regressor-kinds.ts";
import type { RegressorOptions } from "../regressor/regressor-options.ts";

export interface JointRound {
  /** Factors with the prior inside. */
  readonly als: AlsModel;
  readonly regressor: FittedRegressor;
  /** f(x) of every item: n x k. */
  readonly prior: Matrix;
}

export interface JointModel extends JointRound {
  readonly regressor: Regressor;
  /** What chose the regressor's setting. */
  readonly trials: readonly RegressorTrial[];
}

export interface JointData {
  /** users x n. */
  readonly interactions: SparseMatrix;
  readonly features: FeatureMatrix;
  /** Plain ALS of the same interactions: where training starts. */
  readonly als: AlsModel;
  /** The regressor of plain ALS, where it is fitted already. */
  readonly regressor?: Regressor;
}

export interface JointOptions {
  readonly rounds: number;
  readonly sweepsPerRound: number;
  readonly regressor: RegressorOptions;
}

/** What a training on features is given besides its data and options. */
export interface TrainingContext extends BackendContext, RegressorExtensions {}

export interface JointContext extends TrainingContext {
  /** A validation figure of f(x) for plain ALS, higher is better: `regressor.kind: auto` decides by it. */
  readonly measurePrior?: (prior: Matrix) => Promise<number>;
  /** A trial: what held-out items say of the first regressor stands for the last one too, which spares half of the time. */
  readonly isTrial?: boolean;
}

/** Trains for `rounds`; 0 is plain ALS with a regressor of its factors. */
export async function fitJoint(
  data: JointData,
  options: JointOptions,
  context: JointContext = {},
): Promise<JointModel> {
  const choosing = { ...context, measure: context.measurePrior };
  const regressor = data.regressor ?? (await fitRegressor(regressionData(data, data.als), options.regressor, choosing));
  const first = await roundOf(data, data.als, regressor, context);
  const setting = sameSetting(options.regressor, regressor);
  let last = first;
  for (let round = 1; round <= options.rounds; round++) {
    last = await trainRound(data, last, setting, options.sweepsPerRound, context);
    context.onProgress?.({ stage: "joint training", done: round, total: options.rounds });
  }
  if (last === first) return { ...first, regressor, trials: regressor.trials };
  if (context.isTrial) return { ...last, regressor: { ...regressor, ...last.regressor }, trials: regressor.trials };
  const reported = await reportRegressor(last.regressor, regressionData(data, last.als), setting, context);
  return { ...last, regressor: reported, trials: regressor.trials };
}

/** ALS drawn to the last prior, from the last factors; then a regressor of the new factors. */
async function trainRound(
  data: JointData,
  { als: before, prior }: JointRound,
  setting: RegressorOptions,
  sweeps: number,
  context: TrainingContext,
): Promise<JointRound> {
  const start: AlsContext = { ...quiet(context), itemPrior: prior, start: before.itemFactors };
  const als = await fitAls(data.interactions, { ...before.options, iterations: sweeps }, start);
  return roundOf(data, als, await refitRegressor(regressionData(data, als), setting, context), context);
}

async function roundOf(
  { features }: JointData,
  als: AlsModel,
  regressor: FittedRegressor,
  { backend = defaultBackend() }: BackendContext,
): Promise<JointRound> {
  return { als, regressor, prior: await predictPrior(regressor, features, backend) };
}

/** What the regressor learns from: the factors of warm items, an error measured in scores. */
function regressionData({ interactions, features }: JointData, als: AlsModel): RegressionData {
  const [support, metric] = [itemSupport(interactions), scoreSpaceMetric(als, interactions)];
  return { features, factors: als.itemFactors, support, metric };
}

/** a0 G + l I with the mean l of the items: what a squared error of factors costs in scores (equation 4). */
export function scoreSpaceMetric({ gram, options }: AlsModel, interactions: SparseMatrix): Matrix<Float64Array> {
  const rows = scaleConfidence(transposeSparse(interactions), options.confidenceScale);
  const regularization = mean(rowRegularization(rows, options));
  const values = gram.values.map((value, p) => {
    const onDiagonal = p % (gram.columns + 1) === 0;
    return options.unobservedWeight * value + (onDiagonal ? regularization : 0);
  });
  return { ...gram, values };
}

/** The inner ALS runs are part of a longer stage; only their cancellation is passed on. */
function quiet({ signal, backend }: BackendContext): BackendContext {
  return { signal, backend };
}
