/**
 * What every kind of regressor is fitted to: the standardised items that teach, split once into those kept and those held out to
 * choose settings and to measure residuals.
 */
import {
  type FeatureBlock,
  type FeatureMatrix,
  fitStandardisation,
  type Standardisation,
  standardise,
} from "../data/feature-matrix.ts";
import { TailrecError } from "../errors.ts";
import type { ComputeBackend } from "../math/compute/backend.ts";
import { type Matrix, takeRows, zeros } from "../math/matrix.ts";
import { createRandom } from "../math/random.ts";
import type { RunContext } from "../run-context.ts";
import type { RegressorMap } from "./regressor-map.ts";
import type { ResolvedRegressorOptions } from "./regressor-options.ts";

export interface RegressionData {
  readonly features: FeatureMatrix;
  /** items x k. */
  readonly factors: Matrix;
  /** items; a row with less than `minimumSupport` teaches nothing. */
  readonly support: ArrayLike<number>;
  /** M: k x k; the identity (plain MSE) when absent. */
  readonly metric?: Matrix<Float64Array>;
}

/** Items and what is to be learnt of them. */
export interface Lesson {
  /** Standardised features with presence bits: n x (d + blocks). */
  readonly x: Matrix;
  /** Factors: n x k. */
  readonly y: Matrix;
  /** support^exponent: n. */
  readonly weights: Float64Array;
}

export interface RegressionTask {
  readonly blocks: readonly FeatureBlock[];
  /** What teaches while settings are chosen. */
  readonly kept: Lesson;
  readonly heldOut: Lesson;
  /** Both. */
  readonly all: Lesson;
  /** Where in `all` the kept and the held-out items stand. */
  readonly places: { readonly kept: readonly number[]; readonly heldOut: readonly number[] };
  readonly metric?: Matrix<Float64Array>;
  readonly options: ResolvedRegressorOptions;
  readonly backend: ComputeBackend;
  readonly context: RunContext;
}

/** A setting tried, with its held-out error in the metric, per item. */
export interface RegressorTrial {
  readonly kind: RegressorMap["kind"];
  readonly setting: Readonly<Record<string, number>>;
  readonly error: number;
  /** The caller's own figure of the kind's best setting, e.g. NDCG of cold items; only where several kinds compete. */
  readonly figure?: number;
}

export interface Validated<M extends RegressorMap = RegressorMap> {
  readonly trials: readonly RegressorTrial[];
  /** The best setting, taught by the kept items alone. */
  readonly map: M;
}

/** A kind of regressor at its task; either step waits until it is asked for, and is done once. */
export interface PreparedKind<M extends RegressorMap = RegressorMap> {
  /** Tries every setting on the held-out items. */
  validate(): Promise<Validated<M>>;
  /** The best setting, taught by all; a single setting needs no validation for it. */
  finish(): Promise<M>;
}

/** The same promise however often it is asked for. */
export function once<T>(compute: () => Promise<T>): () => Promise<T> {
  let pending: Promise<T> | undefined;
  return () => {
    pending ??= compute();
    return pending;
  };
}

export interface PreparedTask {
  readonly task: RegressionTask;
  readonly standardisation: Standardisation;
}

/** NOT_ENOUGH_DATA when fewer than five items can teach. */
export function prepareTask(
  data: RegressionData,
  options: ResolvedRegressorOptions,
  backend: ComputeBackend,
  context: RunContext,
): PreparedTask {
  const teachers = teachingRows(data, options);
  const standardisation = fitStandardisation(data.features, teachers);
  const x = standardise(data.features, standardisation);
  const lesson = (rows: readonly number[]): Lesson => ({
    x: takeRows(x, rows),
    y: takeRows(data.factors, rows),
    weights: Float64Array.from(rows, (row) => data.support[row] ** options.supportExponent),
  });
  const places = holdout(teachers.length, options);
  const at = (part: readonly number[]) => lesson(part.map((place) => teachers[place]));
  const lessons = { kept: at(places.kept), heldOut: at(places.heldOut), all: lesson(teachers) };
  const { blocks } = data.features;
  return { standardisation, task: { ...lessons, places, blocks, metric: data.metric, options, backend, context } };
}

function teachingRows({ support }: RegressionData, { minimumSupport }: ResolvedRegressorOptions): number[] {
  const rows = Array.from({ length: support.length }, (_, i) => i).filter((i) => support[i] >= minimumSupport);
  if (rows.length >= 5) return rows;
  throw new TailrecError(
    "NOT_ENOUGH_DATA",
    `expected at least 5 items with support ${minimumSupport} or more to fit the regressor, received ${rows.length}; lower regressor.minimumSupport or add interactions`,
  );
}

function holdout(items: number, { holdoutShare, seed }: ResolvedRegressorOptions): RegressionTask["places"] {
  const shuffled = Array.from({ length: items }, (_, place) => place);
  createRandom(seed).shuffle(shuffled);
  const count = Math.min(items - 2, Math.max(1, Math.round(items * holdoutShare)));
  const ascending = (part: number[]) => part.sort((a, b) => a - b);
  return { heldOut: ascending(shuffled.slice(0, count)), kept: ascending(shuffled.slice(count)) };
}

/** sum_i v_i row_i / sum_i v_i. */
export function weightedMean({ columns, values }: Matrix, weights: Float64Array): Float64Array {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const mean = new Float64Array(columns);
  for (let p = 0; p < values.length; p++) mean[p % columns] += (weights[Math.floor(p / columns)] * values[p]) / total;
  return mean;
}

/** Rows minus `mean`, times the root of their weight. */
export function centredRows({ rows, columns, values }: Matrix, mean: Float64Array, weights: Float64Array): Matrix {
  const result = zeros(rows, columns);
  for (let p = 0; p < values.length; p++) {
    result.values[p] = (values[p] - mean[p % columns]) * Math.sqrt(weights[Math.floor(p / columns)]);
  }
  return result;
}
