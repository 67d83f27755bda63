/**
 * One pass over a contender's scores, users in blocks: the ranks of all targets in all races, then the metrics, which
 * need nothing but ranks. The scores of one block are all that is ever held of the users x items matrix.
 */
import { setImmediate } from "node:timers/promises";
import { TailrecError } from "../errors.ts";
import { type Matrix, rowOf, type SparseMatrix } from "../math/matrix.ts";
import { type RunContext, throwIfInterrupted } from "../run-context.ts";
import { metricNamed } from "./metrics.ts";
import { rankOf } from "./ranking.ts";
import type { Race, RankingTask } from "./ranking-tasks.ts";
import type { Contender } from "./scorer.ts";

/** Users scored at once; at 20,000 items their scores are 20 MB. */
const BLOCK = 256;

/** Ranks in one race, parallel to the test set's `indices`; 0 where the race does not rank that target. */
export type Ranks = Uint32Array;

/**
 * The ranks of the test set's items in every race.
 * A score that is not finite, or a block of the wrong shape, is an INVALID_ARGUMENT.
 */
export async function rankTargets(
  contender: Contender,
  train: SparseMatrix,
  test: SparseMatrix,
  races: readonly Race[],
  context: RunContext,
): Promise<Ranks[]> {
  const ranks = races.map(() => new Uint32Array(test.indices.length));
  const unseen = new Float32Array(train.columns);
  const users = usersWithTargets(test);
  for (let begin = 0; begin < users.length; begin += BLOCK) {
    const block = users.slice(begin, begin + BLOCK);
    const scores = await contender.score(block);
    checkScores(contender.name, block, scores, train.columns);
    for (const [i, user] of block.entries()) {
      unseen.set(rowOf(scores, i));
      for (let p = train.indptr[user]; p < train.indptr[user + 1]; p++) unseen[train.indices[p]] = -Infinity;
      for (const [r, race] of races.entries()) rankUser(race, unseen, test, user, ranks[r]);
    }
    context.onProgress?.({ stage: `evaluate ${contender.name}`, done: begin + block.length, total: users.length });
    // A scorer may never leave this thread, and a cancellation arrives only when the event loop turns.
    await setImmediate();
    throwIfInterrupted(context);
  }
  return ranks;
}

function usersWithTargets({ rows, indptr }: SparseMatrix): Uint32Array {
  return Uint32Array.from({ length: rows }, (_, user) => user).filter((user) => indptr[user + 1] > indptr[user]);
}

function rankUser(race: Race, scores: Float32Array, test: SparseMatrix, user: number, ranks: Ranks): void {
  for (let p = test.indptr[user]; p < test.indptr[user + 1]; p++) {
    const target = test.indices[p];
    if (race.targets[target] !== 0) ranks[p] = rankOf(scores, race.rows, target);
  }
}

/** A metric for every user of a task, from the ranks in the task's race. */
export function metricValues(metric: string, task: RankingTask, ranks: Ranks): Float64Array {
  const measure = metricNamed(metric);
  return Float64Array.from({ length: task.users }, (_, j) => {
    const entries = task.entries.subarray(task.indptr[j], task.indptr[j + 1]);
    return measure(entries.map((entry) => ranks[entry]).sort());
  });
}

function checkScores(name: string, users: Uint32Array, scores: Matrix, items: number): void {
  const { rows, columns, values } = scores;
  if (rows !== users.length || columns !== items || values.length !== users.length * items) {
    throw new TailrecError(
      "INVALID_ARGUMENT",
      `contender "${name}": expected scores of ${users.length} users x ${items} items, ` +
        `received ${rows} x ${columns} with ${values.length} values`,
    );
  }
  for (let p = 0; p < values.length; p++) {
    if (Number.isFinite(values[p])) continue;
    throw new TailrecError(
      "INVALID_ARGUMENT",
      `contender "${name}": expected finite scores, received ${values[p]} for user row ${users[Math.floor(p / items)]}, ` +
        `item row ${p % items}; its model has diverged or was given non-finite input`,
    );
  }
}
