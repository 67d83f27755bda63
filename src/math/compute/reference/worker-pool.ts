/**
 * A fixed set of worker threads that all work on one message at a time. The threads keep the process alive only
 * while they work, so nobody has to close the pool.
 */
import { Worker } from "node:worker_threads";
import { type ErrorCode, TailrecError } from "../../../errors.ts";

export interface WorkerAnswer {
  readonly failure?: { readonly code: ErrorCode; readonly message: string };
}

export interface WorkerPool {
  readonly size: number;
  /** Sends the message to every worker; resolves when all have answered. Calls run one after the other. */
  run(message: unknown): Promise<void>;
  /** Ends the workers, and fails the call that runs; the next call starts others. */
  close(): void;
}

export function createWorkerPool(entry: string, size: number): WorkerPool {
  let workers: readonly Worker[] | undefined;
  let last: Promise<void> = Promise.resolve();
  const close = (): void => {
    for (const worker of workers ?? []) worker.terminate();
    workers = undefined;
  };
  const start = (): readonly Worker[] => Array.from({ length: size }, () => idleWorker(entry));
  const run = (message: unknown): Promise<void> => {
    const turn = last.then(async () => {
      workers ??= start();
      const answers = await Promise.allSettled(workers.map((worker) => ask(worker, message)));
      // A dead worker answers no further message: the next call starts anew.
      if (answers.some(({ status }) => status === "rejected")) close();
      throwFirstFailure(answers);
    });
    last = turn.catch(() => undefined);
    return turn;
  };
  return { size, run, close };
}

function idleWorker(entry: string): Worker {
  // Without the flags of this process: `node --input-type=module` given a file, as this entry is, refuses to start.
  const worker = new Worker(entry, { execArgv: [] });
  worker.unref();
  return worker;
}

function ask(worker: Worker, message: unknown): Promise<WorkerAnswer> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      worker.off("message", onMessage).off("error", onError).off("exit", onError);
      worker.unref();
      act();
    };
    const onMessage = (answer: WorkerAnswer): void => settle(() => resolve(answer));
    const onError = (error: unknown): void =>
      settle(() => reject(new TailrecError("INTERNAL", "a worker thread stopped; please report it", { cause: error })));
    worker.on("message", onMessage).on("error", onError).on("exit", onError);
    worker.ref();
    worker.postMessage(message);
  });
}

function throwFirstFailure(answers: readonly PromiseSettledResult<WorkerAnswer>[]): void {
  for (const answer of answers) {
    if (answer.status === "rejected") throw answer.reason;
    const { failure } = answer.value;
    if (failure) throw new TailrecError(failure.code, failure.message);
  }
}
