/**
 * What the figures are made of, one part a split, model and task: a value of every metric for each user (or query item), and for each
 * target item the mean of what its targets gained, weighing a target by its share of its user's.
 */

import { metricNamed } from "../metrics/metric-kinds.ts";
import { itemParts, userValues } from "../metrics/metric-values.ts";
import type { RankMetric } from "../metrics/rank-metric.ts";
import { measuringOf, type RankedSplit } from "./ranked-split.ts";

export interface DetailPart {
  /** Seed of the split. */
  readonly seed: number;
  readonly model: string;
  readonly slice: string;
  readonly candidates: string;
  /** Rows of the users, or of the items. */
  readonly rows: Uint32Array;
  /** Held-out items of the user in the slice, or held-out users of the item. */
  readonly targets: Uint32Array;
  /** One a metric. */
  readonly values: readonly Float64Array[];
}

type PartOf = (
  split: RankedSplit,
  task: number,
  contender: number,
  metrics: readonly RankMetric[],
) => Pick<DetailPart, "rows" | "targets" | "values">;

export function userDetails(splits: readonly RankedSplit[], metrics: readonly string[]): Iterable<DetailPart> {
  return parts(splits, metrics, (split, t, c, asked) => {
    const task = split.plan.tasks[t];
    const targets = Uint32Array.from({ length: task.users }, (_, j) => task.indptr[j + 1] - task.indptr[j]);
    return { rows: task.userRows, targets, values: userValues(asked, measuringOf({ split, task }, c)) };
  });
}

export function itemDetails(splits: readonly RankedSplit[], metrics: readonly string[]): Iterable<DetailPart> {
  return parts(splits, metrics, (split, t, c, asked) => {
    const task = split.plan.tasks[t];
    const found = itemParts(asked, measuringOf({ split, task }, c), split.test);
    const rows = Uint32Array.from(found.weights.keys()).filter((item) => found.weights[item] > 0);
    const values = found.parts.map((part) => Float64Array.from(rows, (item) => part[item] / found.weights[item]));
    return { rows, targets: Uint32Array.from(rows, (item) => found.targets[item]), values };
  });
}

function* parts(splits: readonly RankedSplit[], names: readonly string[], partOf: PartOf): Generator<DetailPart> {
  for (const split of splits) {
    const metrics = names.map((name) => metricNamed(name, split.metricKinds));
    for (const [t, { slice, candidates }] of split.plan.tasks.entries()) {
      for (const [c, model] of split.contenders.entries()) {
        const labels = { seed: Number(split.protocol.seed ?? 0), model, slice: slice.name, candidates };
        yield { ...labels, ...partOf(split, t, c, metrics) };
      }
    }
  }
}
