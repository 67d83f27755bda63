/** Results of the list metrics: of the catalog lists of all users, one a contender and metric. */

import type { ListFigure, ListMetric } from "../metrics/list-metric.ts";
import { listMetricNamed } from "../metrics/metric-kinds.ts";
import { figureUnits, ratioOf, type Units } from "../metrics/unit-series.ts";
import type { MetricResult } from "../report.ts";
import { type BootstrapOptions, interval95, resampledMeans } from "./bootstrap.ts";
import type { TaskOfSplit } from "./ranked-split.ts";
import { labelsOf } from "./summary.ts";

export interface ListSummaryRequest {
  /** The task of all users in every split. */
  readonly parts: readonly TaskOfSplit[];
  readonly metrics: readonly string[];
  readonly tailSupport: number;
  readonly bootstrap: BootstrapOptions;
}

/** Metrics that need content vectors, or launched items, are left out where none are known. */
export async function summariseLists(request: ListSummaryRequest): Promise<MetricResult[]> {
  const { parts, metrics, tailSupport, bootstrap } = request;
  const hasContent = parts.every(({ split }) => split.content !== undefined);
  const hasLaunched = parts.every(({ split }) => split.launched !== undefined);
  const asked = metrics
    .map((metric) => listMetricNamed(metric, parts[0].split.metricKinds))
    .filter(({ kind }) => (hasContent || !kind.needsContent) && (hasLaunched || !kind.needsLaunched));
  const subjects = parts[0].split.contenders.flatMap((model, c) =>
    asked.map((metric): Subject => {
      const figures = parts.map((part) => figureOf(part, c, metric, tailSupport));
      return { model, metric: metric.name, figures, units: figureUnits(parts, figures) };
    }),
  );
  const ofUsers = await overUsers(subjects, bootstrap);
  return subjects.map((subject, s): MetricResult => {
    const { model, metric } = subject;
    const pooled = ofUsers[s] ?? ofWholes(parts, subject);
    return { model, ...labelsOf(parts), metric, ...pooled, ...(parts.length > 1 && { splits: valuesOf(subject) }) };
  });
}

/** One metric of one contender, measured in every split. */
interface Subject {
  readonly model: string;
  readonly metric: string;
  readonly figures: readonly ListFigure[];
  /** Absent for figures of all lists at once. */
  readonly units?: Units;
}

/** Figures of the subjects that have a value a user. All have the same users, so that one draw serves all of them. */
async function overUsers(subjects: readonly Subject[], bootstrap: BootstrapOptions): Promise<(Pooled | undefined)[]> {
  const units = subjects.flatMap((subject) => subject.units ?? []);
  const means = await resampledMeans(
    units.map(({ series: [values] }) => values),
    bootstrap,
    units[0]?.weights,
  );
  let next = 0;
  return subjects.map(({ units }) => {
    if (units === undefined) return undefined;
    const [values] = units.series;
    return { value: ratioOf(values, units.weights), ci95: interval95(means[next++]), n: values.length };
  });
}

function figureOf({ split }: TaskOfSplit, contender: number, { kind, k }: ListMetric, tailSupport: number): ListFigure {
  const { support, population, content, launched, listLength, plan } = split;
  const { lists } = split.targetRanks[contender];
  const candidates = plan.candidateSets[0].rows;
  const world = { lists, length: listLength, candidates, support, population, tailSupport, content, launched };
  return kind.figure(world, k);
}

type Pooled = Pick<MetricResult, "value" | "ci95" | "n">;

/** Over several splits the mean of the figures, and of the ends of their intervals. */
function ofWholes(parts: readonly TaskOfSplit[], subject: Subject): Pooled {
  const intervals = subject.figures.flatMap((figure) => ("perUser" in figure ? [] : [figure.ci95]));
  const ci95 = [averageOf(intervals.map(([low]) => low)), averageOf(intervals.map(([, high]) => high))] as const;
  return { value: averageOf(valuesOf(subject)), ci95, n: Math.max(...parts.map(({ task }) => task.users)) };
}

function valuesOf({ figures }: Subject): number[] {
  return figures.map((figure) => ("perUser" in figure ? ratioOf(figure.perUser, undefined) : figure.value));
}

function averageOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
