/** Entry of the background thread: a search at a time, written where the asker reads it. */
import { setPriority } from "node:os";
import { platform } from "node:process";
import { parentPort } from "node:worker_threads";
import { TailrecError } from "../../../errors.ts";
import { messageOf } from "../../../file-errors.ts";
import { createNativeBackend } from "../native/native-backend.ts";
import type { WorkerAnswer } from "../reference/worker-pool.ts";
import type { BackgroundMessage } from "./background-search.ts";

const LOWEST_PRIORITY = 19;

// On Linux a priority is one of a thread, and the kernel's thread, made later, has it too. Elsewhere it would be the process's.
if (platform === "linux") setPriority(LOWEST_PRIORITY);
const backend = createNativeBackend({ threads: 1 });

parentPort?.on("message", async (message: BackgroundMessage) => {
  parentPort?.postMessage(await answer(message));
});

async function answer({ request, found }: BackgroundMessage): Promise<WorkerAnswer> {
  try {
    const { items, scores } = await backend.topK(request);
    found.items.set(items);
    found.scores.set(scores);
    return {};
  } catch (error) {
    const code = error instanceof TailrecError ? error.code : "INTERNAL";
    return { failure: { code, message: messageOf(error) } };
  }
}
