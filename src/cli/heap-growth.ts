/**
 * How seldom V8 marks the heap of a command that fits. Left to itself it does so whenever what is alive, arrays included, has grown by a
 * third or so. A run makes arrays by the gigabyte that live for a moment, and a fifth of its processor time went there (decision 256).
 */
import { setFlagsFromString } from "node:v8";

/** Percent of what is alive. */
const GROWTH = 200;

/** For the whole process, from the next collection on. */
export function collectSeldom(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH}`);
}
