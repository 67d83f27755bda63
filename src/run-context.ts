/** What a long call may be given besides data and options: progress, cancellation. Never changes a result. */
import { TailrecError } from "./errors.ts";

export interface Progress {
  /** What is being done, e.g. "als" or "encode text". */
  readonly stage: string;
  readonly done: number;
  readonly total: number;
  /** A figure worth showing, e.g. "loss 1.23". */
  readonly note?: string;
  /** How far the whole job is that the stage belongs to; absent where the stage is all there is. */
  readonly run?: RunProgress;
}

export interface RunProgress {
  /** Names of the stage that runs; several where one is inside another. */
  readonly now: string;
  /** Of the expected time, between 0 and 1. */
  readonly share: number;
  /** Seconds; absent while there is nothing to judge by. */
  readonly left?: number;
  /** Stages that have not begun. */
  readonly ahead: readonly string[];
}

export interface RunContext {
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
}

/** Throws INTERRUPTED when the run has been cancelled. Called between blocks of work. */
export function throwIfInterrupted(context: RunContext): void {
  if (context.signal?.aborted) throw new TailrecError("INTERRUPTED", "the run was cancelled");
}

/** The context whose progress says which part of the work a stage belongs to: "cold-items, als". */
export function within<C extends RunContext>(part: string, context: C): C {
  const { onProgress } = context;
  if (onProgress === undefined) return context;
  const show = (progress: Progress) => onProgress({ ...progress, stage: `${part}, ${progress.stage}` });
  return { ...context, onProgress: show };
}
