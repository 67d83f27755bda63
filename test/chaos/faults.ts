/** Every kind of fault that is tried: one module and one line each. */
import { bitFlips } from "./bit-flips.ts";
import { concurrentRuns } from "./concurrent-runs.ts";
import { damagedInputs } from "./damaged-inputs.ts";
import type { FaultKind } from "./fault-kind.ts";
import { fullDisks } from "./full-disks.ts";
import { kernelCalls } from "./kernel-calls.ts";
import { kills } from "./kills.ts";

/** The longest last: where time is short they share what is left, and all others have been tried. */
export const faultKinds: readonly FaultKind[] = [
  kernelCalls,
  bitFlips,
  damagedInputs,
  concurrentRuns,
  fullDisks,
  kills,
];
