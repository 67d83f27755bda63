/**
 * Joint training: the prior enters ALS. Alternates equation 1 (factors, drawn towards p_i = f(x_i)) and equation 4 (f, fitted
 * to the new factors), starting from plain ALS. The regressor's setting is chosen once, on factors that no prior has touched:
 * later the held-out items' own factors have been drawn to predictions that knew them.
 */
import { type AlsContext, type AlsModel, fitAls } from "../als/als.ts";
import { type BackendContext, rowRegularization, scaleConfidence } from "../als/half-sweep.ts";
import type { FeatureMatrix } from "../data/feature-matrix.ts";
import { itemSupport } from "../data/interactions.ts";
import { type Matrix, type SparseMatrix, transposeSparse } from "../math/matrix.ts";
import { mean } from "../math/statistics.ts";
import { once } from "../once.ts";
import {
  type FittedRegressor,
  fitRegressor,
  predictPrior,
  prepareRefits,
  type RegressionData,
  type Regressor,
  type RegressorContext,
  type RegressorTrial,
  reportRegressor,
  sameSetting,
} from "../regressor/regressor.ts";
import type { RegressorExtensions } from "../regressor/regressor-kinds.ts";
import type { RegressorOptions } from "../regressor/regressor-options.ts";
import { heldOutRanking } from "./held-out-ranking.ts";

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

export interface PlainData {
  /** users x n. */
  readonly interactions: SparseMatrix;
  readonly features: FeatureMatrix;
  /** Plain ALS of the same interactions: where training starts. */
  readonly als: AlsModel;
}

export interface JointData extends PlainData {
  /** The regressor of plain ALS, where it is fitted already. */
  readonly regressor?: Regressor;
  /** What that one predicts of every item (n x k), where it is known. */
  readonly prior?: Matrix;
}

export interface JointOptions {
  readonly rounds: number;
  readonly sweepsPerRound: number;
  readonly regressor: RegressorOptions;
}

/** What a training on features is given besides its data and options. */
export interface TrainingContext extends BackendContext, RegressorExtensions, Pick<RegressorContext, "addUp"> {}

/** Trains for `rounds`; 0 is plain ALS with a regressor of its factors. */
export async function fitJoint(
  data: JointData,
  options: JointOptions,
  context: TrainingContext = {},
): Promise<JointModel> {
  const regressor = data.regressor ?? (await fitPlainRegressor(data, options.regressor, context));
  const known = data.regressor && data.prior;
  const prior = known ?? (await predictPrior(regressor, data.features, context.backend));
  const roundAt = jointRounds(data, { als: data.als, regressor, prior }, options, context);
  const { trials } = regressor;
  if (options.rounds === 0) return { als: data.als, regressor, prior, trials };
  for (let round = 1; round <= options.rounds; round++) {
    await roundAt(round);
    context.onProgress?.({ stage: "joint training", done: round, total: options.rounds });
  }
  const last = await roundAt(options.rounds);
  const setting = sameSetting(options.regressor, regressor);
  const reported = await reportRegressor(last.regressor, regressionData(data, last.als), setting, context);
  return { ...last, regressor: reported, trials };
}

/** The regressor of plain ALS, where joint training starts: the order of held-out items has a say in its setting. */
export function fitPlainRegressor(
  data: PlainData,
  options: RegressorOptions,
  context: TrainingContext = {},
): Promise<Regressor> {
  const choosing = { ...context, rankHeldOut: heldOutRanking(data, context) };
  return fitRegressor(regressionData(data, data.als), options, choosing);
}

/** A regressor of factors (items x k), and what it predicts of all items. */
export type Refits = ReturnType<typeof prepareRefits>;

/** Regressors of other factors of the same items, at the setting of `first`. */
export function preparePlainRefits(
  data: PlainData,
  options: RegressorOptions,
  first: JointRound,
  context: TrainingContext,
): Refits {
  return prepareRefits(regressionData(data, first.als), sameSetting(options, first.regressor), context);
}

/**
 * The rounds of joint training after `first`, by their number; each is trained once, from the one before it: ALS drawn to the last
 * prior, from the last factors, then a regressor of the new factors. `refits`: where they are prepared already.
 */
export function jointRounds(
  data: PlainData,
  first: JointRound,
  options: Omit<JointOptions, "rounds">,
  context: TrainingContext,
  refits: () => Refits = once(() => preparePlainRefits(data, options.regressor, first, context)),
): (round: number) => Promise<JointRound> {
  const trained: Promise<JointRound>[] = [Promise.resolve(first)];
  const train = async ({ als: before, prior }: JointRound): Promise<JointRound> => {
    const start: AlsContext = { ...quiet(context), itemPrior: prior, start: before.itemFactors };
    const als = await fitAls(data.interactions, { ...before.options, iterations: options.sweepsPerRound }, start);
    return { als, ...(await refits()(als.itemFactors)) };
  };
  return (round) => {
    for (let r = trained.length; r <= round; r++) trained.push(trained[r - 1].then(train));
    return trained[round];
  };
}

/** What the regressor learns from: the factors of warm items, an error measured in scores. */
function regressionData({ interactions, features }: PlainData, als: AlsModel): RegressionData {
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
