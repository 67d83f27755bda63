/** Every kind of fault that is tried: one module and one line each. */
import { bitFlips } from "./bit-flips.ts";
import { concurrentRuns } from "./concurrent-runs.ts";
import { damagedInputs } from "./damaged-inputs.ts";
import type { FaultKind } from "./fault-kind.ts";
import { fullDisks } from "./full-disks.ts";
import { kernelCalls } from "./kernel-calls.ts";
import { kills } from "./kills.ts";

/** Those that take longest first. */
export const faultKinds: readonly FaultKind[] = [
  kills,
  fullDisks,
  concurrentRuns,
  damagedInputs,
  bitFlips,
  kernelCalls,
];
