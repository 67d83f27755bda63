/**
 * The compiled kernel (native/) as it looks from TypeScript: an engine whose methods take records of typed arrays, write
 * into those named `out` and give a status, off the event loop. node-gyp-build finds it: build/Release, which is compiled here
 * where no prebuilt binary loads or by hand, then prebuilds/ of the package.
 */
import { createRequire } from "node:module";
import { join } from "node:path";

type Numbers = Float32Array | Float64Array | Uint32Array | Int32Array | Uint8Array;

/** A job's record; an absent array is undefined. */
export type NativeRequest = Readonly<Record<string, Numbers | number | undefined>>;

/** -1 when all is well, -2 when an input is unsound, else the pivot or row that failed. */
export type NativeStatus = number;

export interface NativeEngine {
  multiply(request: NativeRequest): Promise<NativeStatus>;
  gram(request: NativeRequest): Promise<NativeStatus>;
  topK(request: NativeRequest): Promise<NativeStatus>;
  solveShifted(request: NativeRequest): Promise<NativeStatus>;
  eigen(request: NativeRequest): Promise<NativeStatus>;
  transpose(request: NativeRequest): Promise<NativeStatus>;
  solveRows(request: NativeRequest): Promise<NativeStatus>;
}

export interface NativeAddon {
  /** Those of this processor, fastest first. */
  readonly instructionSets: readonly string[];
  readonly Engine: { new (threads: number, instructionSet: string): NativeEngine; readonly prototype: NativeEngine };
}

const PACKAGE = join(import.meta.dirname, "..", "..", "..");

/** The addon, or why it cannot be loaded. */
export type LoadedAddon = { readonly addon: NativeAddon } | { readonly addon: undefined; readonly cause: unknown };

export function loadNativeAddon(): LoadedAddon {
  try {
    const find: (root: string) => NativeAddon = createRequire(import.meta.url)("node-gyp-build");
    return currentAddon(find(PACKAGE));
  } catch (cause) {
    return { addon: undefined, cause };
  }
}

const JOBS = ["multiply", "gram", "topK", "solveShifted", "eigen", "transpose", "solveRows"] as const;

/** A binary that was compiled from earlier sources and lacks a job counts as absent. */
export function currentAddon(addon: NativeAddon): LoadedAddon {
  const lacking = JOBS.filter((job) => typeof addon.Engine.prototype[job] !== "function");
  if (lacking.length === 0) return { addon };
  return {
    addon: undefined,
    cause: new Error(`the compiled kernel is of another version: it lacks ${lacking.join()}`),
  };
}
