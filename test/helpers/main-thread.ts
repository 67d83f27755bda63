/**
 * How long the calling thread was held up without a break. On Linux in time on the processor, so that other work on
 * the machine, which may take the processor away for longer than that, does not count; elsewhere in wall time.
 */
import { existsSync, readFileSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";

const SCHEDULE = "/proc/thread-self/schedstat";

/** Runs the work; gives the longest stretch, in milliseconds, between two turns of the event loop. */
export async function longestStretch(work: () => Promise<unknown>): Promise<number> {
  const clock = existsSync(SCHEDULE) ? processorTime : () => performance.now();
  let longest = 0;
  let last = clock();
  let working = true;
  const watch = async (): Promise<void> => {
    while (working) {
      await nextTurn();
      const now = clock();
      longest = Math.max(longest, now - last);
      last = now;
    }
  };
  const watched = watch();
  await work();
  working = false;
  await watched;
  return longest;
}

/** The first figure: nanoseconds that the thread has run. */
function processorTime(): number {
  return Number(readFileSync(SCHEDULE, "utf8").split(" ")[0]) / 1e6;
}
