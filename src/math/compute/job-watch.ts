/**
 * Progress and cancellation of a job on other threads, through integers that they share with this one. They are looked at
 * from here every now and then: a job of a fraction of a second reports nothing, and no thread waits for JavaScript.
 */
import type { RunContext } from "../../run-context.ts";

export interface WatchedJob {
  readonly stage: string;
  readonly total: number;
  /** How much of the total is done by now. */
  readonly done: () => number;
  /** Lets the threads claim no further block of work. */
  readonly cancel: () => void;
}

/** Milliseconds between reports. */
const EVERY = 200;

/** The job's result. An `onProgress` that throws cancels the job, and its error is the outcome. */
export async function watchJob<T>(result: Promise<T>, job: WatchedJob, context: RunContext): Promise<T> {
  const { onProgress, signal } = context;
  const { stage, total } = job;
  const failures: unknown[] = [];
  const report = () => {
    try {
      onProgress?.({ stage, done: Math.min(total, job.done()), total });
    } catch (failure) {
      failures.push(failure);
      job.cancel();
    }
  };
  const timer = setInterval(report, EVERY);
  signal?.addEventListener("abort", job.cancel, { once: true });
  try {
    const value = await result;
    if (failures.length > 0) throw failures[0];
    return value;
  } finally {
    clearInterval(timer);
    signal?.removeEventListener("abort", job.cancel);
  }
}
