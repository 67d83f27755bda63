/**
 * Finds and loads the compiled kernel (native/). node-gyp-build looks in build/Release, which is compiled here where no prebuilt
 * binary loads or by hand, then in prebuilds/ of the package. A binary of other sources than those beside it counts as absent.
 */
import { createRequire } from "node:module";
import { join } from "node:path";
import type { NativeEngine } from "./native-engine.ts";

export interface NativeAddon {
  /** Those of this processor, fastest first. */
  readonly instructionSets: readonly string[];
  /** The digest of the sources that it was compiled from (native/sources-digest.cjs). */
  readonly sources: string;
  /** At most 1024 threads; fewer where the system gives no more. */
  readonly Engine: { new (threads: number, instructionSet: string): NativeEngine };
}

const PACKAGE = join(import.meta.dirname, "..", "..", "..", "..");

/** The addon, or why it cannot be loaded. */
export type LoadedAddon = { readonly addon: NativeAddon } | { readonly addon: undefined; readonly cause: unknown };

export function loadNativeAddon(): LoadedAddon {
  try {
    const require = createRequire(import.meta.url);
    const find: (root: string) => NativeAddon = require("node-gyp-build");
    const digest: () => string = require(join(PACKAGE, "native", "sources-digest.cjs"));
    return currentAddon(find(PACKAGE), digest());
  } catch (cause) {
    return { addon: undefined, cause };
  }
}

/** The addon where it was compiled from the sources of that digest. */
export function currentAddon(addon: NativeAddon, sources: string): LoadedAddon {
  if (addon.sources === sources) return { addon };
  const cause = new Error(
    `the compiled kernel is of sources ${addon.sources ?? "without a digest"}, not of ${sources}`,
  );
  return { addon: undefined, cause };
}
