/** Results of the list metrics: of the catalog lists of all users, one a contender and metric. */
import { type BootstrapOptions, interval95, resampledMeans } from "./bootstrap.ts";
import { type ListFigure, listFigure } from "./list-metrics.ts";
import type { TaskOfSplit } from "./measured.ts";
import type { MetricResult } from "./report.ts";
import { labelsOf } from "./summary.ts";
import { figureUnits, ratioOf } from "./unit-series.ts";

export interface ListSummaryRequest {
  /** The task of all users in every split. */
  readonly parts: readonly TaskOfSplit[];
  readonly metrics: readonly string[];
  readonly tailSupport: number;
  readonly bootstrap: BootstrapOptions;
}

/** Diversity is left out where no content vectors are known. */
export function summariseLists({ parts, metrics, tailSupport, bootstrap }: ListSummaryRequest): MetricResult[] {
  const hasContent = parts.every(({ split }) => split.content !== undefined);
  const asked = metrics.filter((metric) => hasContent || !metric.startsWith("diversity@"));
  return parts[0].split.contenders.flatMap((model, c) =>
    asked.map((metric): MetricResult => {
      const figures = parts.map((part) => figureOf(part, c, metric, tailSupport));
      return { model, ...labelsOf(parts), metric, ...pooled(parts, figures, bootstrap) };
    }),
  );
}

function figureOf({ split }: TaskOfSplit, contender: number, metric: string, tailSupport: number): ListFigure {
  const { support, population, content, listLength, plan } = split;
  const { lists } = split.standings[contender];
  const candidates = plan.races[0].rows;
  return listFigure(metric, { lists, length: listLength, candidates, support, population, tailSupport, content });
}

type Pooled = Pick<MetricResult, "value" | "ci95" | "n" | "splits">;

function pooled(parts: readonly TaskOfSplit[], figures: readonly ListFigure[], bootstrap: BootstrapOptions): Pooled {
  const splits = figures.map((figure) => ("perUser" in figure ? ratioOf(figure.perUser, undefined) : figure.value));
  const several = parts.length > 1 ? { splits } : {};
  const units = figureUnits(parts, figures);
  if (units !== undefined) {
    const { series, weights } = units;
    const ci95 = interval95(resampledMeans(series, bootstrap, weights)[0]);
    return { value: ratioOf(series[0], weights), ci95, n: series[0].length, ...several };
  }
  const intervals = figures.flatMap((figure) => ("perUser" in figure ? [] : [figure.ci95]));
  const ci95 = [averageOf(intervals.map(([low]) => low)), averageOf(intervals.map(([, high]) => high))] as const;
  const n = Math.max(...parts.map(({ task }) => task.users));
  return { value: averageOf(splits), ci95, n, ...several };
}

function averageOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
