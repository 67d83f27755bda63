/**
 * Values per unit of the bootstrap, over one split or several: a user's values in all splits are one unit (their sum, weighing as many
 * as the splits that measured the user), and so are an item's. Users are the same people in every split, so drawing them
 * together keeps the interval honest. A figure is the sum of the values over the sum of the weights.
 */

import { measuringOf, type TaskOfSplit } from "../summary/ranked-split.ts";
import type { ListFigure } from "./list-metric.ts";
import { itemParts, userValues } from "./metric-values.ts";
import type { RankMetric } from "./rank-metric.ts";

export interface Units {
  /** One a series. */
  readonly series: readonly Float64Array[];
  /** Absent where every unit weighs 1. */
  readonly weights?: Float64Array;
}

/** One series a metric; a unit is a user. */
export function userUnits(parts: readonly TaskOfSplit[], contender: number, metrics: readonly RankMetric[]): Units {
  return poolUsers(
    parts,
    parts.map((part) => userValues(metrics, measuringOf(part, contender))),
  );
}

/** Units of figures that have a value a user, one a split. */
export function figureUnits(parts: readonly TaskOfSplit[], figures: readonly ListFigure[]): Units | undefined {
  const perUser = figures.flatMap((figure) => ("perUser" in figure ? [[figure.perUser]] : []));
  return perUser.length < figures.length ? undefined : poolUsers(parts, perUser);
}

function poolUsers(parts: readonly TaskOfSplit[], values: readonly (readonly Float64Array[])[]): Units {
  if (parts.length === 1) return { series: values[0] };
  const rows = [...new Set(parts.flatMap(({ task }) => Array.from(task.userRows)))].sort((a, b) => a - b);
  const unitOf = new Map(rows.map((row, unit) => [row, unit]));
  const weights = new Float64Array(rows.length);
  const series = values[0].map(() => new Float64Array(rows.length));
  for (const [p, { task }] of parts.entries()) {
    for (const [j, row] of task.userRows.entries()) {
      const unit = unitOf.get(row) ?? 0;
      weights[unit]++;
      for (const [m, pooled] of series.entries()) pooled[unit] += values[p][m][j];
    }
  }
  return { series, weights };
}

/** One series a metric; a unit is a target item. */
export function itemUnits(parts: readonly TaskOfSplit[], contender: number, metrics: readonly RankMetric[]): Units {
  const ofSplits = parts.map((part) => itemParts(metrics, measuringOf(part, contender), part.split.test));
  const weights = sumOf(ofSplits.map((ofSplit) => ofSplit.weights));
  const isTarget = (_: number, item: number): boolean => weights[item] > 0;
  return {
    series: metrics.map((_, m) => sumOf(ofSplits.map(({ parts: ofMetric }) => ofMetric[m])).filter(isTarget)),
    weights: weights.filter(isTarget),
  };
}

function sumOf([first, ...others]: readonly Float64Array[]): Float64Array {
  return others.reduce((sum, values) => sum.map((value, i) => value + values[i]), first);
}

/** The figure of one series. */
export function ratioOf(values: Float64Array, weights: Float64Array | undefined): number {
  const total = weights === undefined ? values.length : weights.reduce((sum, weight) => sum + weight, 0);
  return values.reduce((sum, value) => sum + value, 0) / total;
}
