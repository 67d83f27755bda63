/**
 * Metrics of a whole task from the ranks of its targets: one value a user, and the same sum parted among the items. An item's
 * part is what its targets gain; its weight is its share of its users' targets, sum 1 / n_u, so that the parts of all items over the
 * weights of all items are the mean over users.
 */
import type { SparseMatrix } from "../../math/matrix.ts";
import type { RankingTask } from "../ranking/ranking-tasks.ts";
import type { RankMetric } from "./rank-metric.ts";

/** Ranks in one candidate set, parallel to the test set's `indices`; 0 where it does not rank that target. */
export type Ranks = Uint32Array;

/** The rank of a target beyond the depth that was ranked. */
export const UNRANKED = 0xffffffff;

export interface Measuring {
  readonly task: RankingTask;
  /** Among the task's candidates. */
  readonly ranks: Ranks;
  /** Weights of the targets, parallel to the test set's `indices`. */
  readonly weights: Float64Array;
}

/** A value for every user of the task, one array a metric. */
export function userValues(metrics: readonly RankMetric[], measuring: Measuring): Float64Array[] {
  const values = metrics.map(() => new Float64Array(measuring.task.users));
  forEachGain(metrics, measuring, (m, user, _, gain) => {
    values[m][user] += gain;
  });
  return values;
}

export interface ItemParts {
  /** Per metric, per item of the catalog. */
  readonly parts: readonly Float64Array[];
  /** Per item; 0 where it is no target of the task. */
  readonly weights: Float64Array;
  /** Targets of the task per item. */
  readonly targets: Uint32Array;
}

export function itemParts(metrics: readonly RankMetric[], measuring: Measuring, test: SparseMatrix): ItemParts {
  const { entries, indptr, users } = measuring.task;
  const parts = metrics.map(() => new Float64Array(test.columns));
  forEachGain(metrics, measuring, (m, _, entry, gain) => {
    parts[m][test.indices[entry]] += gain;
  });
  const weights = new Float64Array(test.columns);
  const targets = new Uint32Array(test.columns);
  for (let j = 0; j < users; j++) {
    for (let p = indptr[j]; p < indptr[j + 1]; p++) {
      weights[test.indices[entries[p]]] += 1 / (indptr[j + 1] - indptr[j]);
      targets[test.indices[entries[p]]]++;
    }
  }
  return { parts, weights, targets };
}

type Visit = (metric: number, user: number, entry: number, gain: number) => void;

/** Every target that some metric's list shows, with what it adds to its user's value. */
function forEachGain(metrics: readonly RankMetric[], { task, ranks, weights }: Measuring, visit: Visit): void {
  const deepest = Math.max(...metrics.map(({ k }) => k));
  const isWeighted = metrics.some(({ kind }) => kind.weighted);
  const divide = metrics.map(cachedDivisor);
  for (let j = 0; j < task.users; j++) {
    if (!isAnyShown(task, j, ranks, deepest)) continue;
    const entries = task.entries.subarray(task.indptr[j], task.indptr[j + 1]);
    const shown = shownEntries(entries, ranks, deepest);
    const descending = isWeighted
      ? Float64Array.from(entries, (entry) => weights[entry])
          .sort()
          .reverse()
      : entries;
    for (const [m, { k, kind }] of metrics.entries()) {
      const { gain, weighted } = kind;
      const divisor = divide[m](weighted ? descending : entries);
      for (let place = 0; place < shown.length && ranks[shown[place]] <= k; place++) {
        const weight = weighted ? weights[shown[place]] : 1;
        visit(m, j, shown[place], (gain(ranks[shown[place]], place + 1) * weight) / divisor);
      }
    }
  }
}

/** Most users are shown nothing that they took. */
function isAnyShown({ entries, indptr }: RankingTask, user: number, ranks: Ranks, deepest: number): boolean {
  for (let p = indptr[user]; p < indptr[user + 1]; p++) if (ranks[entries[p]] <= deepest) return true;
  return false;
}

/** Entries within the deepest list, best rank first. */
function shownEntries(entries: Uint32Array, ranks: Ranks, deepest: number): Uint32Array {
  return entries.filter((entry) => ranks[entry] <= deepest).sort((a, b) => ranks[a] - ranks[b]);
}

/** Without weights the divisor depends on k and n alone. */
function cachedDivisor({ k, kind: { divisor, weighted } }: RankMetric): (weights: ArrayLike<number>) => number {
  if (weighted) return (weights) => divisor(k, weights);
  const known: number[] = [];
  return ({ length }) => {
    known[length] ??= divisor(k, new Float64Array(length).fill(1));
    return known[length];
  };
}
