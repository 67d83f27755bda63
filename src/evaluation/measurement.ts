/**
 * One pass over a contender's scores: users in blocks, ranks by counting, metrics per user. The scores of one block are
 * all that is ever held of the users x items matrix.
 */
import { setImmediate } from "node:timers/promises";
import { TailrecError } from "../errors.ts";
import { type Matrix, rowOf, type SparseMatrix } from "../math/matrix.ts";
import { type RunContext, throwIfInterrupted } from "../run-context.ts";
import { metricNamed } from "./metrics.ts";
import { ranksOf } from "./ranking.ts";
import type { RankingTask } from "./ranking-tasks.ts";
import type { Contender } from "./scorer.ts";

/** Users scored at once; at 20,000 items their scores are 20 MB. */
const BLOCK = 256;

/** Value of every metric for every user of a task: `[metric][place of the user in task.users]`. */
export type TaskValues = readonly Float64Array[];

/**
 * One TaskValues per task; the first task must hold the users of all others.
 * A score that is not finite, or a block of the wrong shape, is an INVALID_ARGUMENT.
 */
export async function measure(
  contender: Contender,
  train: SparseMatrix,
  tasks: readonly RankingTask[],
  metrics: readonly string[],
  context: RunContext,
): Promise<TaskValues[]> {
  const measurements = tasks.map((task) => startMeasurement(task, metrics));
  const unseen = new Float32Array(train.columns);
  const { users } = tasks[0];
  for (let begin = 0; begin < users.length; begin += BLOCK) {
    const block = users.slice(begin, begin + BLOCK);
    const scores = await contender.score(block);
    checkScores(contender.name, block, scores, train.columns);
    for (const [i, user] of block.entries()) {
      unseen.set(rowOf(scores, i));
      for (let p = train.indptr[user]; p < train.indptr[user + 1]; p++) unseen[train.indices[p]] = -Infinity;
      for (const measurement of measurements) measureUser(measurement, user, unseen);
    }
    context.onProgress?.({ stage: `evaluate ${contender.name}`, done: begin + block.length, total: users.length });
    // A scorer may never leave this thread, and a cancellation arrives only when the event loop turns.
    await setImmediate();
    throwIfInterrupted(context);
  }
  return measurements.map(({ values }) => values);
}

interface Measurement {
  readonly task: RankingTask;
  readonly metrics: readonly ((ranks: ArrayLike<number>) => number)[];
  readonly values: readonly Float64Array[];
  /** Users of the task that are done: they come in ascending order. */
  done: number;
}

function startMeasurement(task: RankingTask, metrics: readonly string[]): Measurement {
  const values = metrics.map(() => new Float64Array(task.users.length));
  return { task, metrics: metrics.map(metricNamed), values, done: 0 };
}

function measureUser(measurement: Measurement, user: number, scores: Float32Array): void {
  const { task, metrics, values, done } = measurement;
  if (task.users[done] !== user) return;
  const ranks = ranksOf(scores, task.rows, task.targets.subarray(task.indptr[done], task.indptr[done + 1]));
  for (let m = 0; m < metrics.length; m++) values[m][done] = metrics[m](ranks);
  measurement.done++;
}

function checkScores(name: string, users: Uint32Array, scores: Matrix, items: number): void {
  if (scores.rows !== users.length || scores.columns !== items || scores.values.length !== users.length * items) {
    throw new TailrecError(
      "INVALID_ARGUMENT",
      `contender "${name}": expected scores of ${users.length} users x ${items} items, ` +
        `received ${scores.rows} x ${scores.columns} with ${scores.values.length} values`,
    );
  }
  const wrong = scores.values.findIndex((score) => !Number.isFinite(score));
  if (wrong < 0) return;
  throw new TailrecError(
    "INVALID_ARGUMENT",
    `contender "${name}": expected finite scores, received ${scores.values[wrong]} for user row ` +
      `${users[Math.floor(wrong / items)]}, item row ${wrong % items}; its model has diverged or was given non-finite input`,
  );
}
