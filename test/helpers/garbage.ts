/** The garbage collector at a moment that a test names. */
import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collect: () => void = runInNewContext("gc");

/** Collects what nobody holds. A weak reference holds what it gave until the turn ends. */
export async function collectGarbage(): Promise<void> {
  await setImmediate();
  collect();
}
