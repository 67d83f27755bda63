/**
 * The compiled kernel (native/) as it looks from TypeScript: an engine whose methods take records of typed arrays, write
 * into those named `out` and give a status, off the event loop. node-gyp-build finds it: build/Release, which is compiled here
 * where no prebuilt binary loads or by hand, then prebuilds/ of the package.
 */
import { createRequire } from "node:module";
import { join } from "node:path";
import type { DiagonalBasis } from "./diagonal-basis.ts";

/** out = a b', rows x columns, over vectors of length depth. */
export interface MultiplyRequest {
  readonly a: Float32Array;
  readonly b: Float32Array;
  readonly out: Float32Array;
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
}

/** out = a' diag(weights) a, columns x columns. */
export interface GramRequest {
  readonly a: Float32Array;
  readonly weights?: Float64Array;
  readonly out: Float64Array;
  readonly rows: number;
  readonly columns: number;
  /** 1: sums of some rows are in float32. */
  readonly single: number;
}

/** The best `count` items of every query; pairs of `exclude*`, rows in compressed form, are left out. */
export interface NativeTopKRequest {
  readonly queries: Float32Array;
  readonly items: Float32Array;
  readonly queryCount: number;
  readonly itemCount: number;
  readonly dimension: number;
  readonly count: number;
  readonly excludeStart?: Uint32Array;
  readonly excludeItems?: Uint32Array;
  readonly allow?: Uint8Array;
  readonly itemScale?: Float32Array;
  readonly foundItems: Int32Array;
  readonly foundScores: Float32Array;
}

/** out_s = (a + s I)^-1 b for every shift: shiftCount x n x columns. */
export interface SolveShiftedRequest {
  readonly a: Float64Array;
  readonly b: Float64Array;
  readonly shifts: Float64Array;
  readonly out: Float32Array;
  readonly n: number;
  readonly columns: number;
  readonly shiftCount: number;
}

export interface EigenRequest {
  readonly a: Float64Array;
  readonly values: Float64Array;
  readonly vectors: Float64Array;
  readonly n: number;
}

/** Compressed sparse rows and the memory of their transpose. */
export interface TransposeRequest {
  readonly rows: number;
  readonly columns: number;
  /** Offsets of the rows: rows + 1. */
  readonly rowStart: Uint32Array;
  readonly indices: Uint32Array;
  readonly values: Float32Array;
  readonly outRowStart: Uint32Array;
  readonly outIndices: Uint32Array;
  readonly outValues: Float32Array;
}

/** The row systems of `backend.ts` in the coordinates of `diagonal-basis.ts`. */
export interface SolveRowsRequest extends DiagonalBasis {
  readonly rank: number;
  readonly rows: number;
  readonly fixedRows: number;
  readonly factors: Float32Array;
  /** Offsets of the rows' interactions: rows + 1. */
  readonly rowStart: Uint32Array;
  readonly indices: Uint32Array;
  readonly confidence: Float32Array;
  readonly unobservedWeight: number;
  readonly rowPrecision: Float64Array;
  readonly exposure?: Float64Array;
  readonly prior?: Float32Array;
  /** Where conjugate gradients start; the prior when absent. */
  readonly start?: Float32Array;
  /** Of conjugate gradients at most; 0: exact. */
  readonly steps: number;
  readonly out: Float32Array;
  readonly turned?: Float32Array;
  /** Cancelled, blocks done, blocks in all: shared with the threads. */
  readonly control: Int32Array;
}

/** -1 when all is well, -2 when an input is unsound, else the pivot or row that failed. */
export type NativeStatus = number;

export interface NativeEngine {
  multiply(request: MultiplyRequest): Promise<NativeStatus>;
  gram(request: GramRequest): Promise<NativeStatus>;
  topK(request: NativeTopKRequest): Promise<NativeStatus>;
  solveShifted(request: SolveShiftedRequest): Promise<NativeStatus>;
  eigen(request: EigenRequest): Promise<NativeStatus>;
  transpose(request: TransposeRequest): Promise<NativeStatus>;
  solveRows(request: SolveRowsRequest): Promise<NativeStatus>;
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
