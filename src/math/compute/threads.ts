/** How many threads a backend may have. */
import { TailrecError } from "../../errors.ts";

const MOST_THREADS = 1024;

/** The number itself; INVALID_OPTIONS where it is no whole number from 1 to 1024. */
export function checkThreads(threads: number): number {
  if (Number.isInteger(threads) && threads >= 1 && threads <= MOST_THREADS) return threads;
  throw new TailrecError("INVALID_OPTIONS", `expected threads from 1 to ${MOST_THREADS}, received ${threads}`);
}
