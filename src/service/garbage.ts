/** Garbage of the start, given back before the first request. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/**
 * What opening a bundle leaves behind is more than requests do in an hour, and V8 would keep it until they have. It takes a tenth of a
 * second, while nobody waits yet.
 */
export function giveBackGarbage(): void {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  setFlagsFromString("--no-expose-gc");
  collect();
}
