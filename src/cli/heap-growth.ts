/**
 * How seldom V8 marks the heap of a command that fits. Left to itself it does so for every thirty megabytes of arrays or so (decision 208).
 * A run makes arrays by the gigabyte that live for a moment, and up to a third of its processor time went there (decision 256).
 */
import { setFlagsFromString } from "node:v8";

/** Percent of what is alive. */
const GROWTH = 200;

/** For the whole process, from the next collection on. */
export function collectSeldom(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH}`);
}
