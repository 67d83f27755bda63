/** Entry of a kernel worker thread: runs one job at a time and answers when no block of it is left. */
import { parentPort } from "node:worker_threads";
import { TailrecError } from "../../../errors.ts";
import { messageOf } from "../../../file-errors.ts";
import { type ComputeMessage, runComputeJob } from "./compute-job.ts";
import type { WorkerAnswer } from "./worker-pool.ts";

parentPort?.on("message", (message: ComputeMessage) => {
  parentPort?.postMessage(answer(message));
});

function answer(message: ComputeMessage): WorkerAnswer {
  try {
    runComputeJob(message);
    return {};
  } catch (error) {
    const code = error instanceof TailrecError ? error.code : "INTERNAL";
    return { failure: { code, message: messageOf(error) } };
  }
}
