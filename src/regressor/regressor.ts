/**
 * The regressor f: features -> factors (equation 4), a ridge on standardised features with presence bits. Its penalty is
 * chosen on held-out warm items by the squared error in the metric M that the caller gives:
 *   sum_i (f(x_i) - h_i)' M (f(x_i) - h_i),
 * score space with M = a0 G + l I, plain MSE without M. The residuals on those items are what the posterior trusts.
 */
import type { FeatureBlock, FeatureMatrix, Standardisation } from "../data/feature-matrix.ts";
import { fitStandardisation, standardise } from "../data/feature-matrix.ts";
import { TailrecError } from "../errors.ts";
import { defaultKernel, type Kernel } from "../math/kernel.ts";
import { transpose } from "../math/linear-map.ts";
import { type Matrix, takeRows, zeros } from "../math/matrix.ts";
import { createRandom } from "../math/random.ts";
import { parseOptions } from "../options.ts";
import { type RunContext, throwIfInterrupted } from "../run-context.ts";
import { type RegressorOptions, type ResolvedRegressorOptions, regressorOptionsSchema } from "./regressor-options.ts";
import { missingBlockInflation, residualVariance, squaredError } from "./residuals.ts";
import { solveRidge } from "./ridge.ts";

export interface RegressionData {
  readonly features: FeatureMatrix;
  /** items x k. */
  readonly factors: Matrix;
  /** items; a row with less than `minimumSupport` teaches nothing. */
  readonly support: ArrayLike<number>;
  /** M: k x k; the identity (plain MSE) when absent. */
  readonly metric?: Matrix<Float64Array>;
}

export interface Regressor {
  readonly kind: "ridge";
  readonly standardisation: Standardisation;
  /** (features + blocks) x k. */
  readonly weights: Matrix;
  /** k. */
  readonly intercept: Float32Array;
  /** The penalty used. */
  readonly regularization: number;
  /** Held-out error of every penalty tried, in the metric, per item. */
  readonly trials: readonly { readonly regularization: number; readonly error: number }[];
  /** Held-out mean square residual of every dimension: k. */
  readonly residualVariance: Float64Array;
  /** By block, how many times larger the residual variance is when the block is missing; at least 1. */
  readonly missingBlockInflation: Float64Array;
}

export interface RegressorContext extends RunContext {
  readonly kernel?: Kernel;
}

/** Fits f on the items with enough support. NOT_ENOUGH_DATA when fewer than five can teach. */
export async function fitRegressor(
  data: RegressionData,
  options: RegressorOptions = {},
  context: RegressorContext = {},
): Promise<Regressor> {
  const resolved = parseOptions(regressorOptionsSchema, options, "regressor");
  const kernel = context.kernel ?? defaultKernel();
  const teachers = teachingRows(data, resolved);
  const standardisation = fitStandardisation(data.features, teachers);
  const x = standardise(data.features, standardisation);
  const { kept, heldOut } = holdout(teachers, resolved);
  const penalties = resolved.regularization === "auto" ? resolved.candidates : [resolved.regularization];
  const maps = await fitMaps(x, data, kept, penalties, resolved, kernel);
  throwIfInterrupted(context);
  const held = { x: takeRows(x, heldOut), y: takeRows(data.factors, heldOut) };
  const predictions = await Promise.all(maps.map((map) => applyMap(map, held.x, kernel)));
  const errors = predictions.map((prediction) => squaredError(prediction, held.y, data.metric));
  const best = errors.indexOf(Math.min(...errors));
  const [map] = await fitMaps(x, data, teachers, [penalties[best]], resolved, kernel);
  return {
    kind: "ridge",
    standardisation,
    ...map,
    regularization: penalties[best],
    trials: penalties.map((regularization, p) => ({ regularization, error: errors[p] })),
    residualVariance: residualVariance(predictions[best], held.y),
    missingBlockInflation: await missingBlockInflation(held, data.features.blocks, (rows) =>
      applyMap(maps[best], rows, kernel),
    ),
  };
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

interface LinearMap {
  readonly weights: Matrix;
  readonly intercept: Float32Array;
}

async function applyMap({ weights, intercept }: LinearMap, x: Matrix, kernel: Kernel): Promise<Matrix> {
  const product = await kernel.multiplyTransposed(x, transpose(weights));
  for (let p = 0; p < product.values.length; p++) product.values[p] += intercept[p % intercept.length];
  return product;
}

function teachingRows({ support }: RegressionData, { minimumSupport }: ResolvedRegressorOptions): number[] {
  const rows = Array.from({ length: support.length }, (_, i) => i).filter((i) => support[i] >= minimumSupport);
  if (rows.length >= 5) return rows;
  throw new TailrecError(
    "NOT_ENOUGH_DATA",
    `expected at least 5 items with support ${minimumSupport} or more to fit the regressor, received ${rows.length}; lower regressor.minimumSupport or add interactions`,
  );
}

function holdout(rows: readonly number[], { holdoutShare, seed }: ResolvedRegressorOptions) {
  const shuffled = [...rows];
  createRandom(seed).shuffle(shuffled);
  const count = Math.min(rows.length - 2, Math.max(1, Math.round(rows.length * holdoutShare)));
  const ascending = (part: number[]) => part.sort((a, b) => a - b);
  return { heldOut: ascending(shuffled.slice(0, count)), kept: ascending(shuffled.slice(count)) };
}

/** One map a penalty, on the given rows: weighted, centred ridge with the means folded into the intercept. */
async function fitMaps(
  x: Matrix,
  { factors, support }: RegressionData,
  rows: readonly number[],
  penalties: readonly number[],
  { supportExponent }: ResolvedRegressorOptions,
  kernel: Kernel,
): Promise<LinearMap[]> {
  const weights = Float64Array.from(rows, (row) => support[row] ** supportExponent);
  const left = centred(takeRows(x, rows), weights);
  const right = centred(takeRows(factors, rows), weights);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const maps = await solveRidge(
    left.matrix,
    right.matrix,
    penalties.map((penalty) => penalty * total),
    kernel,
  );
  return maps.map((map) => ({ weights: map, intercept: interceptOf(map, left.mean, right.mean) }));
}

/** Rows minus their weighted mean, times the root of their weight. */
function centred(matrix: Matrix, weights: Float64Array): { readonly matrix: Matrix; readonly mean: Float64Array } {
  const { rows, columns, values } = matrix;
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const mean = new Float64Array(columns);
  for (let p = 0; p < values.length; p++) mean[p % columns] += (weights[Math.floor(p / columns)] * values[p]) / total;
  const result = zeros(rows, columns);
  for (let p = 0; p < values.length; p++) {
    result.values[p] = (values[p] - mean[p % columns]) * Math.sqrt(weights[Math.floor(p / columns)]);
  }
  return { matrix: result, mean };
}

function interceptOf(map: Matrix, meanX: Float64Array, meanY: Float64Array): Float32Array {
  return Float32Array.from(meanY, (mean, d) => {
    let shift = 0;
    for (let j = 0; j < map.rows; j++) shift += meanX[j] * map.values[j * map.columns + d];
    return mean - shift;
  });
}
