/** From values per user and per item to figures with intervals: the results and the paired comparisons of one task. */

import { metricNamed } from "../metrics/metric-kinds.ts";
import { userValues } from "../metrics/metric-values.ts";
import type { RankMetric } from "../metrics/rank-metric.ts";
import { itemUnits, ratioOf, type Units, userUnits } from "../metrics/unit-series.ts";
import type { MetricComparison, MetricResult } from "../report.ts";
import { type BootstrapOptions, holmAdjusted, interval95, pairedDifference, resampledMeans } from "./bootstrap.ts";
import { measuringOf, type TaskOfSplit } from "./ranked-split.ts";

export interface Comparing {
  /** Place of the reference among the contenders; every other is compared with it. */
  readonly reference: number;
  /** Places of the compared metrics. */
  readonly metrics: readonly number[];
}

export interface SummaryRequest {
  /** The task in every split. */
  readonly parts: readonly TaskOfSplit[];
  readonly metrics: readonly string[];
  readonly comparing?: Comparing;
  readonly bootstrap: BootstrapOptions;
  /** Whether intervals over items are asked for beside those over users. */
  readonly overItems: boolean;
}

export interface Summary {
  readonly results: readonly MetricResult[];
  readonly comparisons: readonly MetricComparison[];
}

interface Figure {
  readonly value: number;
  readonly n: number;
  readonly overUsers: Float64Array;
  /** Absent where it is not asked for. */
  readonly overItems?: Float64Array;
  readonly splits: readonly number[];
}

/** Results of every contender and metric for one task; all of them see the same resamples of the users and of the items. */
export async function summarise(request: SummaryRequest): Promise<Summary> {
  const { parts, comparing } = request;
  const { contenders, metricKinds } = parts[0].split;
  const metrics = request.metrics.map((name) => metricNamed(name, metricKinds));
  const figures = await figuresOf(request, metrics);
  const results = contenders.flatMap((model, c) =>
    figures[c].map((figure, m): MetricResult => {
      const { value, n, overUsers, overItems, splits } = figure;
      const ci95 = interval95(overUsers);
      const labels = { model, ...labelsOf(parts), metric: metrics[m].name };
      const pooled = parts.length > 1 ? { splits } : {};
      const ofItems = overItems && { ci95Items: interval95(overItems) };
      return { ...labels, value, ci95, n, ...ofItems, ...pooled };
    }),
  );
  const comparisons = comparing === undefined ? [] : compare(request, comparing, figures);
  return { results, comparisons };
}

/** contenders x metrics. */
async function figuresOf(
  { parts, bootstrap, overItems: asksItems }: SummaryRequest,
  metrics: readonly RankMetric[],
): Promise<Figure[][]> {
  const { contenders } = parts[0].split;
  const users = contenders.map((_, c) => userUnits(parts, c, metrics));
  const overUsers = await resample(users, bootstrap);
  const items = asksItems ? contenders.map((_, c) => itemUnits(parts, c, metrics)) : undefined;
  const overItems = items && (await resample(items, bootstrap));
  return contenders.map((_, c) => {
    const ofSplits = (parts.length > 1 ? parts : []).map((part) =>
      userValues(metrics, measuringOf(part, c)).map((values) => ratioOf(values, undefined)),
    );
    return metrics.map((_metric, m) => ({
      value: ratioOf(users[c].series[m], users[c].weights),
      n: users[c].series[m].length,
      overUsers: overUsers[c][m],
      overItems: overItems?.[c][m],
      splits: ofSplits.map((values) => values[m]),
    }));
  });
}

/** contenders x metrics: every contender has the same units, so that one draw serves all of them. */
async function resample(ofContenders: readonly Units[], bootstrap: BootstrapOptions): Promise<Float64Array[][]> {
  const [{ series: metrics, weights }] = ofContenders;
  const series = ofContenders.flatMap((units) => units.series);
  const means = await resampledMeans(series, bootstrap, weights);
  return ofContenders.map((_, c) => means.slice(c * metrics.length, (c + 1) * metrics.length));
}

function compare(
  { parts, metrics }: SummaryRequest,
  { reference, metrics: compared }: Comparing,
  figures: readonly (readonly Figure[])[],
): MetricComparison[] {
  const { contenders } = parts[0].split;
  const others = contenders.map((_, c) => c).filter((c) => c !== reference);
  const ofMetric = compared.map((m) => {
    const family = others.map((other) => {
      const [a, b] = [figures[reference][m], figures[other][m]];
      const names = { a: contenders[reference], b: contenders[other], ...labelsOf(parts), metric: metrics[m] };
      const ofItems = a.overItems && b.overItems && { ci95Items: pairedDifference(a.overItems, b.overItems).ci95 };
      const paired = pairedDifference(a.overUsers, b.overUsers);
      return { ...names, difference: a.value - b.value, ...paired, ...ofItems };
    });
    const adjusted = holmAdjusted(family.map(({ p }) => p));
    return family.map((comparison, i): MetricComparison => ({ ...comparison, adjustedP: adjusted[i] }));
  });
  return others.flatMap((_, i) => ofMetric.map((family) => family[i]));
}

export function labelsOf([{ task }]: readonly TaskOfSplit[]): Pick<MetricResult, "slice" | "candidates"> {
  return { slice: task.slice.name, candidates: task.candidates };
}
