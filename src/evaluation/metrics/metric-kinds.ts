/**
 * The metrics by name. A metric of ranks or of lists is a kind and the length k of the list that it looks at, "ndcg@10"; an error
 * of ratings is its kind alone, "rmse". A kind is one module and one line of this list.
 */
import { TailrecError } from "../../errors.ts";
import { withKinds } from "../../kinds.ts";
import { averagePrecision } from "./kinds/average-precision.ts";
import { itemCoverage, userCoverage } from "./kinds/coverage.ts";
import { diversity } from "./kinds/diversity.ts";
import { hit, mrr } from "./kinds/first-hit.ts";
import { gini } from "./kinds/gini.ts";
import { launchedShare } from "./kinds/launched-share.ts";
import { ndcg, ndcgLift } from "./kinds/ndcg.ts";
import { novelty } from "./kinds/novelty.ts";
import { f1, precision } from "./kinds/precision.ts";
import { mae, rmse } from "./kinds/rating-errors.ts";
import { recall, recallLift } from "./kinds/recall.ts";
import { tailShare } from "./kinds/tail-share.ts";
import type { ListFigure, ListMetric, ListMetricKind, ListWorld } from "./list-metric.ts";
import type { RankMetric, RankMetricKind } from "./rank-metric.ts";
import type { RatingMetricKind } from "./rating-metric.ts";

export type MetricKind = RankMetricKind | ListMetricKind | RatingMetricKind;

/** What a metric is made of: ranks of held-out items, the lists themselves, or errors of ratings. */
export type MetricFamily = MetricKind["of"];

export const metricKinds: readonly MetricKind[] = [
  ndcg,
  recall,
  precision,
  f1,
  averagePrecision,
  mrr,
  hit,
  ndcgLift,
  recallLift,
  itemCoverage,
  userCoverage,
  gini,
  novelty,
  diversity,
  tailShare,
  launchedShare,
  rmse,
  mae,
];

/** Metrics from outside this package. */
export interface MetricExtensions {
  /** Kinds beside the built-in ones. */
  readonly metricKinds?: readonly MetricKind[];
}

/** The built-in kinds and the caller's own. INVALID_OPTIONS for a name that is taken. */
export function metricsWith({ metricKinds: own = [] }: MetricExtensions): readonly MetricKind[] {
  return withKinds(metricKinds, own, "metricKinds");
}

export function rankKinds(kinds: readonly MetricKind[]): RankMetricKind[] {
  return kinds.filter((kind) => kind.of === "ranks");
}

export function listKinds(kinds: readonly MetricKind[]): ListMetricKind[] {
  return kinds.filter((kind) => kind.of === "lists");
}

export function ratingKinds(kinds: readonly MetricKind[]): RatingMetricKind[] {
  return kinds.filter((kind) => kind.of === "ratings");
}

/** The metric of ranks called e.g. "ndcg@10"; INVALID_OPTIONS when there is none. */
export function metricNamed(name: string, kinds: readonly MetricKind[] = metricKinds): RankMetric {
  return cutNamed(name, rankKinds(kinds), 'a metric such as "ndcg@10"');
}

/** The figure of lists called e.g. "gini@10"; INVALID_OPTIONS when there is none. */
export function listMetricNamed(name: string, kinds: readonly MetricKind[] = metricKinds): ListMetric {
  return cutNamed(name, listKinds(kinds), 'a figure such as "gini@10"');
}

/** The figure called e.g. "gini@10" of the lists. Errors: those of `listMetricNamed`. */
export function listFigure(name: string, world: ListWorld, kinds: readonly MetricKind[] = metricKinds): ListFigure {
  const { kind, k } = listMetricNamed(name, kinds);
  return kind.figure(world, k);
}

function cutNamed<K extends { readonly name: string }>(name: string, kinds: readonly K[], what: string) {
  const { kind: kindName, k } = partsOf(name);
  const kind = kinds.find((known) => known.name === kindName);
  if (kind !== undefined && k !== undefined) return { name, k, kind };
  const known = kinds.map((candidate) => candidate.name).join(", ");
  throw new TailrecError("INVALID_OPTIONS", `expected ${what} (${known}), received "${name}"`);
}

/** As a heading has it: "NDCG@10", "recall@20". */
export function labelOf(metric: string): string {
  const { kind, k } = partsOf(metric);
  const label = metricKinds.find(({ name }) => name === kind)?.label ?? kind;
  return k === undefined ? label : `${label}@${k}`;
}

/** "ndcg@10" is kind "ndcg" at 10; what is no such length belongs to the kind's name. */
export function partsOf(metric: string): { readonly kind: string; readonly k?: number } {
  const [, kind, k] = /^(.+)@([1-9][0-9]*)$/.exec(metric) ?? [];
  return kind === undefined ? { kind: metric } : { kind, k: Number(k) };
}

/** The longest list that any of the metrics looks at; 0 where none looks at lists. */
export function deepestOf(metrics: readonly string[]): number {
  return metrics.reduce((depth, metric) => Math.max(depth, partsOf(metric).k ?? 0), 0);
}
