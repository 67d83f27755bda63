/** A model folder described in a process of its own, which ends at its limits: what a graph does there does no harm here. */
import { type ChildProcess, fork } from "node:child_process";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { TailrecError } from "../../errors.ts";
import { type RunContext, throwIfInterrupted } from "../../run-context.ts";
import type { AddedModel, AddedModelOptions } from "../models/added-model.ts";
import { passedError } from "../run/passed-error.ts";
import type { TrialLimits } from "./trial-limits.ts";
import type { TrialReport, TrialRequest } from "./trial-thread.ts";

export interface TrialContext extends RunContext {
  /** Limits that outweigh the usual ones. */
  readonly limits?: Partial<TrialLimits>;
}

/**
 * `describeModelFolder` within the limits of `trialLimits`. MODEL_INVALID when the graph goes beyond them or ends its process,
 * INTERRUPTED when the run is cancelled.
 */
export async function tryModelFolder(
  path: string,
  options: AddedModelOptions = {},
  context: TrialContext = {},
): Promise<AddedModel> {
  throwIfInterrupted(context);
  const request: TrialRequest = { path: resolve(path), options, limits: context.limits ?? {} };
  const child = fork(createRequire(import.meta.url).resolve("#encoder-trial"), [], {
    execArgv: [],
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  const stop = (): void => void child.kill("SIGKILL");
  context.signal?.addEventListener("abort", stop);
  try {
    child.send(request);
    const { added, failure } = await reportOf(child, request.path);
    if (added !== undefined) return added;
    throwIfInterrupted(context);
    throw passedError(failure ?? { code: "INTERNAL", message: "a trial gave no answer; please report it" });
  } finally {
    context.signal?.removeEventListener("abort", stop);
    stop();
  }
}

/** The last word of a trial, or how its process ended without one. */
function reportOf(child: ChildProcess, path: string): Promise<TrialReport> {
  return new Promise((settle, reject) => {
    child.once("message", (report: TrialReport) => settle(report));
    child.once("error", (cause) => {
      reject(new TailrecError("INTERNAL", "the process of a trial could not be started", { cause }));
    });
    child.once("exit", (code, signal) => {
      const message = `${path}: its trial ended the process (${signal ?? `status ${code}`}): the graph needs too much memory, or does what ONNX Runtime cannot; export it again`;
      settle({ failure: { code: "MODEL_INVALID", message } });
    });
  });
}
