/** One split, ranked by every contender: what results, comparisons and the per-user and per-item tables are made from. */
import type { Matrix, SparseMatrix } from "../../math/matrix.ts";
import type { MetricKind } from "../metrics/metric-kinds.ts";
import type { Measuring } from "../metrics/metric-values.ts";
import type { RankingPlan, RankingTask } from "../ranking/ranking-tasks.ts";
import type { TargetRanks } from "../ranking/target-ranks.ts";

export interface RankedSplit {
  readonly dataset: string;
  readonly protocol: { readonly kind: string; readonly [key: string]: unknown };
  readonly contenders: readonly string[];
  /** One a contender. */
  readonly targetRanks: readonly TargetRanks[];
  readonly plan: RankingPlan;
  readonly test: SparseMatrix;
  /** Per item, and the number of users it was counted over. */
  readonly support: Uint32Array;
  readonly population: number;
  /** Weights of the targets, for the metrics that weigh them: parallel to the test set's `indices`. */
  readonly targetWeights: Float64Array;
  readonly listLength: number;
  /** items x d at unit length, for diversity. */
  readonly content?: Matrix;
  /** A flag per item: 1 where it is newly launched. */
  readonly launched?: Uint8Array;
  /** The kinds that its metrics are of. */
  readonly metricKinds: readonly MetricKind[];
}

/** A task as one split asked it. */
export interface TaskOfSplit {
  readonly split: RankedSplit;
  readonly task: RankingTask;
}

export function measuringOf({ split, task }: TaskOfSplit, contender: number): Measuring {
  return { task, ranks: split.targetRanks[contender].ranks[task.candidateSet], weights: split.targetWeights };
}

/** The same question over all splits, in the order of the first that asks it. */
export function pooledTasks(splits: readonly RankedSplit[]): TaskOfSplit[][] {
  const pooled = new Map<string, TaskOfSplit[]>();
  for (const split of splits) {
    for (const task of split.plan.tasks) {
      const key = `${task.candidates} ${task.slice.name}`;
      pooled.set(key, [...(pooled.get(key) ?? []), { split, task }]);
    }
  }
  return [...pooled.values()];
}
