/**
 * Joint training: the prior enters ALS. Alternates equation 1 (factors, drawn towards p_i = f(x_i)) and equation 4 (f, fitted
 * to the new factors), starting from plain ALS. The regressor's setting is chosen once, on factors that no prior has touched:
 * later the held-out items' own factors have been drawn to predictions that knew them.
 */
import { type AlsContext, type AlsModel, fitAls } from "../collaborative/als.ts";
import { rowRegularization, scaleConfidence } from "../collaborative/half-sweep.ts";
import type { FeatureMatrix } from "../data/feature-matrix.ts";
import { itemSupport } from "../data/interactions.ts";
import { defaultKernel, type Kernel } from "../math/kernel.ts";
import { type Matrix, type SparseMatrix, transposeSparse } from "../math/matrix.ts";
import { mean } from "../math/statistics.ts";
import {
  fitRegressor,
  predictPrior,
  type Regressor,
  type RegressorContext,
  sameSetting,
} from "../regressor/regressor.ts";
import type { RegressorOptions } from "../regressor/regressor-options.ts";
import type { RunContext } from "../run-context.ts";

export interface JointModel {
  /** Factors with the prior inside. */
  readonly als: AlsModel;
  readonly regressor: Regressor;
  /** f(x) of every item: n x k. */
  readonly prior: Matrix;
}

export interface JointData {
  /** users x n. */
  readonly interactions: SparseMatrix;
  readonly features: FeatureMatrix;
  /** Plain ALS of the same interactions: where training starts. */
  readonly als: AlsModel;
}

export interface JointOptions {
  readonly rounds: number;
  readonly sweepsPerRound: number;
  readonly regressor: RegressorOptions;
}

export type EmbeddingContext = RunContext & { readonly kernel?: Kernel };

export interface JointContext extends EmbeddingContext {
  /** A validation figure of f(x) for plain ALS, higher is better: `regressor.kind: auto` decides by it. */
  readonly measurePrior?: (prior: Matrix) => Promise<number>;
}

/** Trains for at most `rounds`; `keepGoing` sees the model after every round (0 is the start) and may end it. */
export async function fitJoint(
  data: JointData,
  options: JointOptions,
  context: JointContext = {},
  keepGoing: (model: JointModel, round: number) => Promise<boolean> = async () => true,
): Promise<JointModel> {
  const first = { ...context, measure: context.measurePrior };
  let model = await withRegressor(data, data.als, options.regressor, first);
  const regressor = sameSetting(options.regressor, model.regressor);
  for (let round = 0; round < options.rounds; round++) {
    if (!(await keepGoing(model, round))) return model;
    const start: AlsContext = { ...quiet(context), itemPrior: model.prior, start: model.als.itemFactors };
    const als = await fitAls(data.interactions, { ...model.als.options, iterations: options.sweepsPerRound }, start);
    model = await withRegressor(data, als, regressor, context);
    context.onProgress?.({ stage: "joint training", done: round + 1, total: options.rounds });
  }
  await keepGoing(model, options.rounds);
  return model;
}

async function withRegressor(
  { interactions, features }: JointData,
  als: AlsModel,
  options: RegressorOptions,
  context: RegressorContext,
): Promise<JointModel> {
  const support = itemSupport(interactions);
  const metric = scoreSpaceMetric(als, interactions);
  const regressor = await fitRegressor({ features, factors: als.itemFactors, support, metric }, options, context);
  const prior = await predictPrior(regressor, features, context.kernel ?? defaultKernel());
  return { als, regressor, prior };
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
function quiet({ signal, kernel }: EmbeddingContext): EmbeddingContext {
  return { signal, kernel };
}
