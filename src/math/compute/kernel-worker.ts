/** Entry of a kernel worker thread: runs one job at a time and answers when no block of it is left. */
import { parentPort } from "node:worker_threads";
import { TailrecError } from "../../errors.ts";
import { type KernelMessage, runKernelJob } from "./kernel-job.ts";
import type { WorkerAnswer } from "./worker-pool.ts";

parentPort?.on("message", (message: KernelMessage) => {
  parentPort?.postMessage(answer(message));
});

function answer(message: KernelMessage): WorkerAnswer {
  try {
    runKernelJob(message);
    return {};
  } catch (error) {
    const code = error instanceof TailrecError ? error.code : "INTERNAL";
    return { failure: { code, message: error instanceof Error ? error.message : String(error) } };
  }
}
