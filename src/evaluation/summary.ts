/** From values per user to figures with intervals: the results and the paired comparisons of a report. */
import { mean } from "../math/statistics.ts";
import { type BootstrapOptions, interval95, pairedDifference, resampledMeans } from "./bootstrap.ts";
import { metricValues, type Ranks } from "./measurement.ts";
import type { RankingTask } from "./ranking-tasks.ts";
import type { MetricComparison, MetricResult } from "./report.ts";

export interface Comparing {
  /** Place of the reference among the contenders; every other is compared with it. */
  readonly reference: number;
  /** Places of the compared metrics. */
  readonly metrics: readonly number[];
}

export interface SummaryRequest {
  readonly task: RankingTask;
  readonly contenders: readonly string[];
  readonly metrics: readonly string[];
  /** Of every contender, in the task's race. */
  readonly ranks: readonly Ranks[];
  readonly comparing?: Comparing;
  readonly bootstrap: BootstrapOptions;
}

export interface Summary {
  readonly results: readonly MetricResult[];
  readonly comparisons: readonly MetricComparison[];
}

/** Results of every contender and metric for one task; all of them see the same resamples of the users. */
export function summarise(request: SummaryRequest): Summary {
  const { task, contenders, metrics, ranks } = request;
  const values = ranks.flatMap((ofContender) => metrics.map((metric) => metricValues(metric, task, ofContender)));
  const resampled = resampledMeans(values, request.bootstrap);
  const figureOf = (contender: number, metric: number): Figure => {
    const series = contender * metrics.length + metric;
    return { value: mean(values[series]), resampled: resampled[series] };
  };
  const results = contenders.flatMap((model, c) =>
    metrics.map((metric, m): MetricResult => {
      const figure = figureOf(c, m);
      const ci95 = interval95(figure.resampled);
      return { model, ...labels(task), metric, value: figure.value, ci95, n: task.users };
    }),
  );
  return { results, comparisons: compare(request, figureOf) };
}

interface Figure {
  readonly value: number;
  readonly resampled: Float64Array;
}

function compare(request: SummaryRequest, figureOf: (contender: number, metric: number) => Figure): MetricComparison[] {
  const { task, contenders, metrics, comparing } = request;
  if (comparing === undefined) return [];
  const { reference } = comparing;
  const others = contenders.map((_, c) => c).filter((c) => c !== reference);
  return others.flatMap((other) =>
    comparing.metrics.map((m): MetricComparison => {
      const a = figureOf(reference, m);
      const b = figureOf(other, m);
      return {
        a: contenders[reference],
        b: contenders[other],
        ...labels(task),
        metric: metrics[m],
        difference: a.value - b.value,
        ...pairedDifference(a.resampled, b.resampled),
      };
    }),
  );
}

function labels(task: RankingTask): Pick<MetricResult, "slice" | "candidates"> {
  return { slice: task.slice.name, candidates: task.candidates };
}
