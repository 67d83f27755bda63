/** Random calls of the compiled kernel, half of them spoiled, by the fuzz of the sanitizer gate: the process must live. */
import { createRequire } from "node:module";
import { join } from "node:path";
import { loadNativeAddon } from "../../src/math/compute/native/native-addon.ts";
import { root } from "../cli/tailrec.ts";
import { judgeCost, watched } from "./command.ts";
import type { FaultKind, Trial } from "./fault-kind.ts";
import { harmed } from "./toll.ts";

/** In one process. */
const BATCH = 500;

export const kernelCalls: FaultKind = {
  name: "kernel calls",
  tries: { full: 10_000, short: 500 },
  inflict: async ({ count, random, toll, isTimeUp }: Trial) => {
    if (loadNativeAddon().addon === undefined) {
      toll.means = "the kernel is not built here";
      return;
    }
    const script = join(root, "native", "test", "fuzz.mjs");
    const addon: string = createRequire(import.meta.url)("node-gyp-build").resolve(root);
    for (let done = 0; done < count && !isTimeUp(); done += BATCH) {
      const seed = random.integer(2 ** 31);
      const words = `fuzz.mjs ADDON ${BATCH} ${seed}`;
      const { status, signal, output, seconds, peakBytes } = await watched(process.execPath, [
        "--expose-gc",
        script,
        addon,
        `${BATCH}`,
        `${seed}`,
      ]);
      toll.tried += BATCH;
      if (status === null) harmed(toll, "crashes", `${words}: ${signal}`);
      else if (status !== 0) harmed(toll, "INTERNAL", `${words}: ${output.slice(-300)}`);
      judgeCost(seconds, peakBytes, toll, words);
    }
  },
};
