/**
 * The process of a trial. A thread of it runs the graph; this one watches memory and time, and ends the process, graph and all, at the
 * limits or when nobody waits for it any more. It needs no help from outside: it works alike on every system.
 */
import { Worker } from "node:worker_threads";
import { messageOf } from "../../file-errors.ts";
import "../../math/onnx/quiet-runtime.ts";
import { type TrialLimits, trialLimits } from "./trial-limits.ts";
import type { TrialReport, TrialRequest } from "./trial-thread.ts";

/** A graph may take some gigabytes a second. */
const WATCH_MS = 10;

/** Seconds by the clock for one of work. */
const PATIENCE = 5;

process.once("message", (request: TrialRequest) => start(request));
process.once("disconnect", end);

function start(request: TrialRequest): void {
  const thread = new Worker(new URL("./trial-thread.js", import.meta.url), { workerData: request, execArgv: [] });
  const begin = performance.now();
  let limits = trialLimits(0, request.limits);
  thread.on("message", (report: TrialReport) => {
    if (report.bytes === undefined) answer(report);
    else limits = trialLimits(report.bytes, request.limits);
  });
  thread.once("error", (error) => answer({ failure: { code: "INTERNAL", message: messageOf(error) } }));
  setInterval(() => {
    const excess = excessOf(limits, process.memoryUsage.rss(), secondsSince(begin));
    if (excess !== undefined) {
      answer({ failure: { code: "MODEL_INVALID", message: `${request.path}: ${excess}` } });
    }
  }, WATCH_MS);
}

/** Seconds of work: on a busy machine a trial waits for its turn. What does not work at all is over in time all the same. */
function secondsSince(begin: number): number {
  const { user, system } = process.cpuUsage();
  return Math.max((user + system) / 1e6, (performance.now() - begin) / (1000 * PATIENCE));
}

/** Why the trial is over; undefined while it is within its limits. */
function excessOf(limits: TrialLimits, memory: number, seconds: number): string | undefined {
  if (memory > limits.memory) {
    const gigabytes = (limits.memory / 1e9).toFixed(1);
    return `its trial was stopped at ${gigabytes} GB of memory, far more than its weights need; take a smaller encoder, or allow more by --trial-gigabytes if it is known to need it`;
  }
  if (seconds > limits.seconds) {
    return `its trial was stopped after ${Math.round(limits.seconds)} s: the graph does not come to an end; take another encoder, or allow more by --trial-seconds if it is known to be slow`;
  }
  return undefined;
}

function answer(report: TrialReport): void {
  process.send?.(report, end);
}

/** At once: nothing else stops a graph that runs. */
function end(): void {
  process.kill(process.pid, "SIGKILL");
}
