/**
 * What every kind of regressor is fitted to: the standardised items with enough support, split once into those kept and those
 * held out to choose settings and to measure residuals.
 */
import { z } from "zod";
import {
  type FeatureBlock,
  type FeatureMatrix,
  fitStandardisation,
  type Standardisation,
  standardise,
} from "../data/feature-matrix.ts";
import type { Reduction } from "../data/reduced-block.ts";
import { TailrecError } from "../errors.ts";
import type { ComputeBackend } from "../math/compute/backend.ts";
import { type Matrix, type SparseMatrix, takeRows, takeSparseRows } from "../math/matrix.ts";
import { createRandom } from "../math/random.ts";
import type { Tfjs } from "../math/tfjs/tfjs.ts";
import { once, weakly } from "../once.ts";
import type { RunContext } from "../run-context.ts";
import { type AddUp, addUpHere, type Moments } from "./moments.ts";
import { type Inputs, type TrainingSet, takeInputs } from "./training-set.ts";

export interface RegressionData {
  readonly features: FeatureMatrix;
  /** items x k. */
  readonly factors: Matrix;
  /** items; a row with less than `minimumSupport` is no training item. */
  readonly support: ArrayLike<number>;
  /** M: k x k; the identity (plain MSE) when absent. */
  readonly metric?: Matrix<Float64Array>;
}

/** The options of every kind: which items train it, with which weights, and which are held out. */
export const taskOptions = {
  holdoutShare: z
    .number()
    .gt(0)
    .lt(1)
    .default(0.2)
    .describe("share of the warm items held out to choose and to measure residuals"),
  minimumSupport: z.int().min(1).default(1).describe("an item trains the regressor from this support on"),
  maximumItems: z
    .int()
    .min(2)
    .default(1_000_000)
    .describe("most items that it is fitted on, a seeded sample where there are more; a ridge adds up all of them"),
  supportExponent: z.number().min(0).default(0).describe("an item weighs support^exponent; 0 weighs all alike"),
  seed: z.int().default(1).describe("seed of the holdout, of landmarks and of networks"),
};

export type TaskOptions = z.output<z.ZodObject<typeof taskOptions>>;

/** `O` are the options that the kind itself reads. */
export interface RegressionTask<O = unknown> {
  readonly blocks: readonly FeatureBlock[];
  /** The training items while settings are chosen. */
  readonly kept: TrainingSet;
  readonly heldOut: TrainingSet;
  /** Both. */
  readonly all: TrainingSet;
  /** The row in the catalog of every item of `all`. */
  readonly items: readonly number[];
  /** Where in `all` the kept and the held-out items stand. */
  readonly places: { readonly kept: readonly number[]; readonly heldOut: readonly number[] };
  /** Of every training item, where the sets hold a sample of them. */
  readonly moments?: () => Promise<Moments>;
  readonly metric?: Matrix<Float64Array>;
  /** How the block that is reduced stands in x, where the features have one. */
  readonly reduction?: Reduction;
  readonly options: TaskOptions & O;
  readonly backend: ComputeBackend;
  readonly context: FitContext;
}

/** What a fit may be given besides data and options. */
export interface FitContext extends RunContext {
  /** The instance of TensorFlow.js for kinds that train by it; the one that is installed when absent. */
  readonly tfjs?: Tfjs;
  /**
   * Prepares to rank held-out items, of which the rows in the catalog are given: f(x) of them (m x k) to one figure for everyone who is
   * asked, higher is better, e.g. NDCG@10. A setting that is clearly better by it than that of the least error is preferred.
   */
  readonly rankHeldOut?: (items: Uint32Array, seed: number) => Promise<HeldOutRanking>;
  /** Adds up the moments of all items where a fit takes a sample of them; this process does when absent. */
  readonly addUp?: AddUp;
}

export type HeldOutRanking = (prediction: Matrix) => Promise<Float64Array>;

export interface PreparedTask<O> {
  readonly task: RegressionTask<O>;
  readonly standardisation: Standardisation;
  /** Moments of all training items with other factors (items x k), where the task holds a sample of them. */
  readonly momentsFor?: (factors: Matrix) => () => Promise<Moments>;
}

/** NOT_ENOUGH_DATA when no item has the support that training asks for. */
export function prepareTask<O>(
  data: RegressionData,
  options: TaskOptions & O,
  backend: ComputeBackend,
  context: FitContext,
): PreparedTask<O> {
  const training = trainingRows(data, options);
  const standardisation = fitStandardisation(data.features, training);
  const { sparse } = data.features;
  const takeSet = (rows: readonly number[]): TrainingSet =>
    setOf({
      x: () => standardise(data.features, standardisation, rows),
      sparse: () => sparse && takeSparseRows(sparse, rows),
      y: () => takeRows(data.factors, rows),
      weights: weightsAt(rows, data, options),
    });
  const { together, ...places } = placesAmong(splitPlaces(training.length, options));
  const rows = together.map((place) => training[place]);
  const addUp = context.addUp ?? addUpHere(data.features, backend);
  const adding = (factors: Matrix) =>
    once(() => addUp({ standardisation, rows: training, weights: weightsAt(training, data, options), factors }));
  const momentsFor = rows.length < training.length ? adding : undefined;
  const at = (part: readonly number[]) => takeSet(part.map((place) => rows[place]));
  const { blocks } = data.features;
  const reduction = reductionOf(data.features, standardisation);
  const { metric } = data;
  const moments = momentsFor?.(data.factors);
  const shared = { items: rows, places, blocks, metric, moments, reduction, options, backend, context };
  const task = { ...shared, kept: at(places.kept), heldOut: at(places.heldOut), all: takeSet(rows) };
  return { standardisation, task, momentsFor };
}

function weightsAt(rows: readonly number[], { support }: RegressionData, { supportExponent }: TaskOptions) {
  return Float64Array.from(rows, (row) => support[row] ** supportExponent);
}

interface SetParts extends Pick<TrainingSet, "weights"> {
  readonly x: () => Matrix;
  readonly sparse: () => SparseMatrix | undefined;
  readonly y: () => Matrix;
}

/**
 * A set whose parts are made when they are asked for, and go when nobody reads them: each is a copy of its items. Whoever waits while
 * reading one spreads the set, which holds all of them.
 */
function setOf({ weights, ...parts }: SetParts): TrainingSet {
  const [x, sparse, y] = [weakly(parts.x), weakly(parts.sparse), weakly(parts.y)];
  return {
    weights,
    get x() {
      return x();
    },
    get sparse() {
      return sparse();
    },
    get y() {
      return y();
    },
  };
}

function reductionOf({ blocks, values, reduction }: FeatureMatrix, { scale }: Standardisation): Reduction | undefined {
  const b = blocks.findIndex(({ isReduced }) => isReduced);
  if (b < 0 || reduction === undefined) return undefined;
  const { offset } = blocks[b];
  return { offset, bit: values.columns + b, scale: scale[offset], axes: reduction };
}

/** The task with other factors (n x k) of the same items. */
export function withFactors<O>({ task, momentsFor }: PreparedTask<O>, factors: Matrix): RegressionTask<O> {
  const { items, places, blocks, metric, reduction, options, backend, context } = task;
  const at = (set: TrainingSet, part: readonly number[]): TrainingSet =>
    setOf({
      x: () => set.x,
      sparse: () => set.sparse,
      y: () => takeRows(factors, part),
      weights: set.weights,
    });
  const rowsAt = (part: readonly number[]) => part.map((place) => items[place]);
  const moments = momentsFor?.(factors);
  const shared = { items, places, blocks, metric, moments, reduction, options, backend, context };
  return {
    ...shared,
    kept: at(task.kept, rowsAt(places.kept)),
    heldOut: at(task.heldOut, rowsAt(places.heldOut)),
    all: at(task.all, items),
  };
}

/** The task with a seeded sample of its kept items and of those held out, so many of each at most. */
export function sampleTask<O>(task: RegressionTask<O>, count: number): RegressionTask<O> {
  const { places, options } = task;
  const random = createRandom(options.seed);
  const sampleOf = (part: readonly number[]): number[] => {
    const order = [...part];
    random.shuffle(order);
    return order.slice(0, count).sort((a, b) => a - b);
  };
  const { together, ...within } = placesAmong({ kept: sampleOf(places.kept), heldOut: sampleOf(places.heldOut) });
  const all = takeTraining(task.all, together);
  const sets = { all, kept: takeTraining(all, within.kept), heldOut: takeTraining(all, within.heldOut) };
  return { ...task, ...sets, items: together.map((place) => task.items[place]), places: within };
}

/** The parts as places among both together, ascending. */
function placesAmong({ kept, heldOut }: RegressionTask["places"]) {
  const together = [...new Set([...kept, ...heldOut])].sort((a, b) => a - b);
  const placeIn = new Map(together.map((place, i) => [place, i]));
  const within = (part: readonly number[]) => part.map((place) => placeIn.get(place) ?? 0);
  return { together, kept: within(kept), heldOut: within(heldOut) };
}

function takeTraining({ y, weights, ...inputs }: TrainingSet, rows: readonly number[]): TrainingSet {
  return { ...takeInputs(inputs, rows), y: takeRows(y, rows), weights: Float64Array.from(rows, (row) => weights[row]) };
}

/** What a map reads of every item. */
export function inputsOf(features: FeatureMatrix, standardisation: Standardisation): Inputs {
  return { x: standardise(features, standardisation), sparse: features.sparse };
}

function trainingRows({ support }: RegressionData, { minimumSupport }: TaskOptions): number[] {
  const rows = Array.from({ length: support.length }, (_, i) => i).filter((i) => support[i] >= minimumSupport);
  if (rows.length > 0) return rows;
  throw new TailrecError(
    "NOT_ENOUGH_DATA",
    `expected an item with support ${minimumSupport} or more to fit the regressor, received none; lower regressor.minimumSupport or add interactions`,
  );
}

/**
 * Ascending; a single item is on both sides. Of more items than may be held a sample of either side is drawn: no less is held out than
 * of all of them, as long as that is no more than half.
 */
function splitPlaces(items: number, { holdoutShare, maximumItems, seed }: TaskOptions): RegressionTask["places"] {
  if (items === 1) return { kept: [0], heldOut: [0] };
  const shuffled = Array.from({ length: items }, (_, place) => place);
  createRandom(seed).shuffle(shuffled);
  const count = Math.min(Math.max(items - 2, 1), Math.max(1, Math.round(items * holdoutShare)));
  const heldOut = items > maximumItems ? Math.min(count, Math.floor(maximumItems / 2)) : count;
  const ascending = (begin: number, length: number) => shuffled.slice(begin, begin + length).sort((a, b) => a - b);
  return { heldOut: ascending(0, heldOut), kept: ascending(count, maximumItems - heldOut) };
}
