/**
 * The door to the compute backends: their interface, and the choice among the two, made once in a process. Native where it is
 * built, else the reference, with a warning; the environment variable TAILREC_KERNEL=reference|native forces either.
 */
import { TailrecError } from "../../errors.ts";
import type { ComputeBackend } from "./compute-backend.ts";
import { type LoadedAddon, loadNativeAddon } from "./native/native-addon.ts";
import { createNativeBackend } from "./native/native-backend.ts";
import { createReferenceBackend } from "./reference/reference-backend.ts";

export type { ComputeBackend, RowSystems, TopK, TopKRequest } from "./compute-backend.ts";

let selected: ComputeBackend | undefined;

/** The backend of this process, made at first use. */
export function defaultBackend(): ComputeBackend {
  selected ??= chooseBackend(process.env.TAILREC_KERNEL);
  return selected;
}

/** INVALID_OPTIONS for an unknown choice, and for "native" where the addon is not built. */
export function chooseBackend(choice: string | undefined, loaded: LoadedAddon = loadNativeAddon()): ComputeBackend {
  if (choice !== undefined && choice !== "native" && choice !== "reference") {
    throw new TailrecError("INVALID_OPTIONS", `TAILREC_KERNEL: expected native or reference, received "${choice}"`);
  }
  if (choice === "reference") return createReferenceBackend();
  if (choice === "native" || loaded.addon !== undefined) return createNativeBackend({}, loaded);
  process.emitWarning(
    "tailrec runs its TypeScript kernel, several times slower: the compiled one was not built, or from other sources",
  );
  return createReferenceBackend();
}
