/** What a long call may be given besides data and options: progress, cancellation. Never changes a result. */
import { TailrecError } from "./errors.ts";

export interface Progress {
  /** What is being done, e.g. "als" or "encode text". */
  readonly stage: string;
  readonly done: number;
  readonly total: number;
  /** A figure worth showing, e.g. "loss 1.23". */
  readonly note?: string;
}

export interface RunContext {
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
}

/** Throws INTERRUPTED when the run has been cancelled. Called between blocks of work. */
export function throwIfInterrupted(context: RunContext): void {
  if (context.signal?.aborted) throw new TailrecError("INTERRUPTED", "the run was cancelled");
}
