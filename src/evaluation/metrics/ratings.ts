/**
 * Explicit ratings: the error of predicted values on held-out pairs, over all pairs and by the item's training support. Values of
 * `train` and `test` are the ratings. A figure is the scale of the mean loss over pairs; intervals draw users with all their pairs.
 */
import { itemSupport } from "../../data/interactions.ts";
import { defaultSlices, type Slice } from "../../data/slices.ts";
import { TailrecError } from "../../errors.ts";
import type { SparseMatrix } from "../../math/matrix.ts";
import { mean } from "../../math/statistics.ts";
import type { EvaluationReport, MetricComparison, MetricResult, SliceRecord } from "../report.ts";
import {
  type BootstrapOptions,
  holmAdjusted,
  interval95,
  pairedDifference,
  resampledMeans,
} from "../summary/bootstrap.ts";
import { metricWords } from "../summary/metric-words.ts";
import { type MetricExtensions, metricsWith, ratingKinds } from "./metric-kinds.ts";
import type { RatingMetricKind } from "./rating-metric.ts";

export interface RatingPredictor {
  readonly name: string;
  readonly predict: (user: number, item: number) => number;
}

export interface RatingsInput {
  readonly train: SparseMatrix;
  readonly test: SparseMatrix;
  /** The first is compared with every other. */
  readonly predictors: readonly RatingPredictor[];
  readonly slices?: readonly Slice[];
  readonly dataset?: string;
  readonly protocol?: { readonly [key: string]: unknown };
}

/** The mean rating, and each item's mean shrunk to it by five ratings: what a model of tastes has to beat. */
export function meanPredictors(train: SparseMatrix): RatingPredictor[] {
  const overall = mean(train.values);
  const sums = new Float64Array(train.columns).fill(5 * overall);
  const support = itemSupport(train);
  for (const [p, item] of train.indices.entries()) sums[item] += train.values[p];
  return [
    { name: "item-mean", predict: (_, item) => sums[item] / (support[item] + 5) },
    { name: "mean", predict: () => overall },
  ];
}

/** NOT_ENOUGH_DATA for an empty test set, INVALID_ARGUMENT for a prediction that is not finite. */
export async function evaluateRatings(
  input: RatingsInput,
  bootstrap: BootstrapOptions,
  extensions: MetricExtensions = {},
): Promise<EvaluationReport> {
  const { train, test, predictors, slices = defaultSlices, dataset = "", protocol = {} } = input;
  if (test.indices.length === 0) {
    throw new TailrecError("NOT_ENOUGH_DATA", "the test set holds no rating: raise the held-out share");
  }
  const support = itemSupport(train);
  const errors = predictors.map((predictor) => errorsOf(predictor, test));
  const parts = slices.flatMap((slice): Part[] => {
    const isIn = (item: number) => support[item] >= slice.minimum && support[item] <= slice.maximum;
    const pairs = Uint32Array.from(test.indices.keys()).filter((p) => isIn(test.indices[p]));
    const items = support.filter((_, item) => isIn(item)).length;
    return pairs.length === 0 ? [] : [{ record: recordOf(slice, items, pairs.length), pairs }];
  });
  const kinds = ratingKinds(metricsWith(extensions));
  const measured: Measured[] = [];
  for (const part of parts) measured.push(await measurePart(part, test, predictors, errors, kinds, bootstrap));
  return {
    dataset,
    protocol: {
      ...protocol,
      kind: "ratings",
      slices: parts.map(({ record }) => record),
      bootstrap: { resamples: bootstrap.resamples, seed: bootstrap.seed },
      ...metricWords(
        kinds.map(({ name }) => name),
        kinds,
      ),
    },
    results: measured.flatMap(({ results }) => results),
    comparisons: measured.flatMap(({ comparisons }) => comparisons),
  };
}

interface Part {
  readonly record: SliceRecord;
  /** Places in the test set. */
  readonly pairs: Uint32Array;
}

function recordOf({ name, minimum, maximum }: Slice, items: number, targets: number): SliceRecord {
  return { name, minimum, maximum: Number.isFinite(maximum) ? maximum : null, items, targets };
}

/** Rating minus prediction, parallel to the test set. */
function errorsOf({ name, predict }: RatingPredictor, { rows, indptr, indices, values }: SparseMatrix): Float64Array {
  const errors = new Float64Array(indices.length);
  for (let user = 0; user < rows; user++) {
    for (let p = indptr[user]; p < indptr[user + 1]; p++) {
      errors[p] = values[p] - predict(user, indices[p]);
      if (Number.isFinite(errors[p])) continue;
      const message = `predictor "${name}": expected a finite rating for user row ${user}, item row ${indices[p]}`;
      throw new TailrecError("INVALID_ARGUMENT", message);
    }
  }
  return errors;
}

type Measured = Pick<EvaluationReport, "results" | "comparisons">;

async function measurePart(
  { record, pairs }: Part,
  test: SparseMatrix,
  predictors: readonly RatingPredictor[],
  errors: readonly Float64Array[],
  kinds: readonly RatingMetricKind[],
  bootstrap: BootstrapOptions,
): Promise<Measured> {
  const { weights, unitOf } = usersOf(pairs, test);
  const sums = (values: Float64Array, loss: (error: number) => number) => {
    const total = new Float64Array(weights.length);
    for (const [i, p] of pairs.entries()) total[unitOf[i]] += loss(values[p]);
    return total;
  };
  const series = errors.flatMap((values) => kinds.map(({ loss }) => sums(values, loss)));
  const resampled = await resampledMeans(series, bootstrap, weights);
  const labels = { slice: record.name, candidates: "catalog" } as const;
  const figureOf = (c: number, m: number) => {
    const { scale } = kinds[m];
    const s = kinds.length * c + m;
    const value = scale(series[s].reduce((sum, part) => sum + part, 0) / pairs.length);
    return { value, resampled: resampled[s].map(scale) };
  };
  const results = predictors.flatMap(({ name: model }, c) =>
    kinds.map(({ name: metric }, m): MetricResult => {
      const { value, resampled: draws } = figureOf(c, m);
      return { model, ...labels, metric, value, ci95: interval95(draws), n: weights.length };
    }),
  );
  const family = predictors.slice(1).map(({ name }, i): MetricComparison => {
    const [a, b] = [figureOf(0, 0), figureOf(i + 1, 0)];
    const paired = pairedDifference(a.resampled, b.resampled);
    return {
      a: predictors[0].name,
      b: name,
      ...labels,
      metric: kinds[0].name,
      difference: a.value - b.value,
      ...paired,
    };
  });
  const adjusted = holmAdjusted(family.map(({ p }) => p));
  return { results, comparisons: family.map((comparison, i) => ({ ...comparison, adjustedP: adjusted[i] })) };
}

/** Users with a pair, as units: how many pairs each has, and the unit of every pair. */
function usersOf(pairs: Uint32Array, { indptr }: SparseMatrix): { weights: Float64Array; unitOf: Uint32Array } {
  const counts: number[] = [];
  let user = -1;
  const unitOf = pairs.map((p) => {
    if (user < 0 || p >= indptr[user + 1]) {
      user = Math.max(user, 0);
      while (p >= indptr[user + 1]) user++;
      counts.push(0);
    }
    counts[counts.length - 1]++;
    return counts.length - 1;
  });
  return { weights: Float64Array.from(counts), unitOf };
}
