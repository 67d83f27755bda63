/**
 * The compiled kernel's jobs as TypeScript calls them. A request is a record of sizes and typed arrays that C++ reads field by
 * field (native/binding.cc), so names and lengths are the same there. Inputs are read in place where they lie in shared memory and
 * copied otherwise. Outputs are written in place: new arrays that nobody else has, or shared memory.
 */

import { TailrecError } from "../../../errors.ts";
import { messageOf } from "../../../file-errors.ts";

/** -1 when all is well, -2 when an input is unsound, else the pivot or row that failed. */
export type NativeStatus = number;

export const UNSOUND = -2;

/** What an unsound job whose inputs look sound afterwards expected. */
export const CHANGED = "finite sums, and arrays that nobody changes before the job ends";

/** out (rows x columns) = A B', A rows x depth, B columns x depth. */
export interface NativeMultiply {
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  readonly a: Float32Array;
  readonly b: Float32Array;
  readonly out: Float32Array;
}

/** out (columns x columns) = A' diag(weights) A. */
export interface NativeGram {
  readonly rows: number;
  readonly columns: number;
  readonly a: Float32Array;
  readonly weights?: Float64Array;
  readonly out: Float64Array;
  /** 1: sums of some rows are in float32. */
  readonly single: 0 | 1;
}

/** Lists a view, one after the other: views x queryCount x count. */
export interface NativeTopK {
  /** At least 1. */
  readonly views: number;
  /** views, ascending: the leading numbers that count. */
  readonly lengths: Uint32Array;
  readonly queryCount: number;
  readonly itemCount: number;
  readonly dimension: number;
  readonly count: number;
  readonly queries: Float32Array;
  readonly items: Float32Array;
  /** Both or neither. */
  readonly excludeIndptr?: Uint32Array;
  readonly excludeIndices?: Uint32Array;
  /** views x itemCount. */
  readonly allow?: Uint8Array;
  /** views x itemCount. */
  readonly itemScale?: Float32Array;
  /** views x queryCount. */
  readonly asked?: Uint8Array;
  /** All three or none. */
  readonly codes?: Int8Array;
  readonly codeSteps?: Float32Array;
  readonly codeErrors?: Float32Array;
  readonly foundItems: Int32Array;
  readonly foundScores: Float32Array;
}

/** A, n x n: `a`, or all of the others. */
export interface NativeSymmetric {
  readonly a?: Float64Array;
  readonly kernel?: Float32Array;
  readonly roots?: Float64Array;
  readonly means?: Float64Array;
  readonly mean?: number;
}

/** out (shiftCount x n x columns) = (A + s I)^-1 B. */
export interface NativeShifted extends NativeSymmetric {
  readonly n: number;
  readonly columns: number;
  readonly shiftCount: number;
  readonly b: Float64Array;
  readonly shifts: Float64Array;
  readonly out: Float32Array;
}

/** out: the Cholesky factor of A + shift I, n x n. */
export interface NativeFactor extends NativeSymmetric {
  readonly n: number;
  readonly shift: number;
  readonly out: Float64Array;
}

/** out (n x columns) = (A + shift I)^-1 B, from that factor. */
export interface NativeFactored {
  readonly n: number;
  readonly columns: number;
  readonly factor: Float64Array;
  readonly b: Float64Array;
  readonly out: Float32Array;
}

export interface NativeEigen {
  readonly n: number;
  readonly a: Float64Array;
  readonly values: Float64Array;
  readonly vectors: Float64Array;
}

export interface NativeTranspose {
  readonly rows: number;
  readonly columns: number;
  readonly indptr: Uint32Array;
  readonly indices: Uint32Array;
  readonly values: Float32Array;
  readonly outIndptr: Uint32Array;
  readonly outIndices: Uint32Array;
  readonly outValues: Float32Array;
}

/** out (rows x columns) = A B, A sparse, B depth x columns. */
export interface NativeSparseDense {
  readonly rows: number;
  readonly depth: number;
  readonly columns: number;
  readonly indptr: Uint32Array;
  readonly indices: Uint32Array;
  readonly values: Float32Array;
  readonly b: Float32Array;
  readonly out: Float32Array;
}

/** out (rows x columns) = start + A B, both sparse, the columns from `first` on. */
export interface NativeSparseSparse {
  readonly rows: number;
  readonly depth: number;
  readonly first: number;
  readonly columns: number;
  readonly indptr: Uint32Array;
  readonly indices: Uint32Array;
  readonly values: Float32Array;
  readonly bIndptr: Uint32Array;
  readonly bIndices: Uint32Array;
  readonly bValues: Float32Array;
  readonly start?: Float32Array;
  readonly out: Float32Array;
}

/** sums (rows x columns), the columns from `first` on, += scale exp(-(x + y - 2 products) / width). */
export interface NativeRbf {
  readonly rows: number;
  readonly first: number;
  readonly columns: number;
  /** Shared memory. */
  readonly sums: Float32Array;
  readonly products: Float32Array;
  readonly productSums?: Float32Array;
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly scale: number;
  readonly width: number;
}

/** out (series x resamples): sums over units drawn with replacement. */
export interface NativeResample {
  readonly series: number;
  readonly units: number;
  readonly resamples: number;
  /** 32 bits. */
  readonly seed: number;
  readonly values: Float64Array;
  readonly out: Float64Array;
}

/** The row systems and the basis that makes what they share diagonal (diagonal-basis.ts). */
export interface NativeRowSolve {
  readonly rank: number;
  readonly rows: number;
  readonly fixedRows: number;
  readonly factors: Float32Array;
  readonly spectrum: Float64Array;
  readonly toBasis: Float64Array;
  readonly priorToBasis: Float64Array;
  readonly indptr: Uint32Array;
  readonly indices: Uint32Array;
  readonly confidence: Float32Array;
  readonly unobservedWeight: number;
  readonly rowPrecision: Float64Array;
  readonly exposure?: Float64Array;
  readonly prior?: Float32Array;
  readonly start?: Float32Array;
  /** Steps of conjugate gradients; 0: exact. */
  readonly steps: number;
  readonly out: Float32Array;
  /** Takes the factors in the basis, in which `out` then is too. */
  readonly turned?: Float32Array;
  /** Shared memory: cancelled, blocks done, blocks in all (0 before the first is claimed). */
  readonly control: Int32Array;
}

export interface NativeEngine {
  multiply(request: NativeMultiply): Promise<NativeStatus>;
  gram(request: NativeGram): Promise<NativeStatus>;
  topK(request: NativeTopK): Promise<NativeStatus>;
  solveShifted(request: NativeShifted): Promise<NativeStatus>;
  factor(request: NativeFactor): Promise<NativeStatus>;
  solveFactored(request: NativeFactored): Promise<NativeStatus>;
  eigen(request: NativeEigen): Promise<NativeStatus>;
  transpose(request: NativeTranspose): Promise<NativeStatus>;
  multiplySparse(request: NativeSparseDense): Promise<NativeStatus>;
  multiplyBothSparse(request: NativeSparseSparse): Promise<NativeStatus>;
  addRbf(request: NativeRbf): Promise<NativeStatus>;
  resample(request: NativeResample): Promise<NativeStatus>;
  solveRows(request: NativeRowSolve): Promise<NativeStatus>;
}

/** The job's status. The engine refuses arrays that were transferred since they were checked, and jobs that lack memory: INVALID_ARGUMENT. */
export async function statusOf(call: () => Promise<NativeStatus>): Promise<NativeStatus> {
  try {
    return await call();
  } catch (cause) {
    throw new TailrecError("INVALID_ARGUMENT", messageOf(cause), { cause });
  }
}
