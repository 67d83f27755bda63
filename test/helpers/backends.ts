/** Every implementation of the compute backend that there is here, by name: the contract runs against each. */
import type { ComputeBackend } from "../../src/math/compute/backend.ts";
import { loadNativeAddon } from "../../src/math/compute/native/native-addon.ts";
import { createNativeBackend } from "../../src/math/compute/native/native-backend.ts";
import { createReferenceBackend } from "../../src/math/compute/reference/reference-backend.ts";

const loaded = loadNativeAddon();

export const backendFamilies: readonly (readonly [string, (threads: number) => ComputeBackend])[] = [
  ["reference", (threads) => createReferenceBackend({ threads })],
  ...(loaded.addon?.instructionSets ?? []).map(
    (instructionSet) =>
      [
        `native ${instructionSet}`,
        (threads: number) => createNativeBackend({ threads, instructionSet }, loaded),
      ] as const,
  ),
];
