/** What an encoding fills: rows of the block, what failed, and how far it is. */
import type { ErrorCode } from "../errors.ts";
import { type Matrix, rowOf, zeros } from "../math/matrix.ts";
import type { RunContext } from "../run-context.ts";
import type { BlockValues } from "./block-values.ts";

export interface BlockEncoding extends BlockValues {
  readonly failures: readonly FailedInput[];
  /** Vectors that came from the cache. */
  readonly reused: number;
}

/** An input that could not be read (FILE_NOT_FOUND), may not be (FORBIDDEN_INPUT) or was not understood (UNREADABLE_INPUT). */
export interface FailedInput {
  readonly row: number;
  readonly code: ErrorCode;
  readonly reason: string;
}

export interface BlockResult {
  /** A vector that the encoder computed. */
  compute(row: number, vector: Float32Array): void;
  /** A vector that the cache had. */
  reuse(row: number, vector: Float32Array): void;
  fail(row: number, code: ErrorCode, reason: string): void;
  /** The row has the same input as `first`, whose vector may not be there yet. */
  copyLater(row: number, first: number): void;
  /** Tells the caller how far it is. */
  report(): void;
  /** Everything, once each input has come to one of these ends. */
  finish(): BlockEncoding;
}

export interface BlockSize {
  readonly stage: string;
  /** Rows of the catalog. */
  readonly rows: number;
  readonly dimension: number;
  /** Inputs to come. */
  readonly total: number;
}

/** Rows without input, or whose input failed, are zeros with presence 0. */
export function createBlockResult({ stage, rows, dimension, total }: BlockSize, context: RunContext): BlockResult {
  const vectors = zeros(rows, dimension);
  const presence = new Uint8Array(rows);
  const failures = new Map<number, FailedInput>();
  const copies: { readonly row: number; readonly first: number }[] = [];
  let [reused, computed] = [0, 0];
  const report = (): void => {
    const done = reused + computed + failures.size + copies.length;
    const note = reused > 0 ? `${reused} from the cache` : undefined;
    context.onProgress?.({ stage, done, total, note });
  };
  return {
    compute: (row, vector) => {
      store(vectors, presence, row, vector);
      computed++;
    },
    reuse: (row, vector) => {
      store(vectors, presence, row, vector);
      reused++;
    },
    fail: (row, code, reason) => failures.set(row, { row, code, reason }),
    copyLater: (row, first) => copies.push({ row, first }),
    report,
    finish: () => {
      for (const { row, first } of copies) {
        const failure = failures.get(first);
        if (failure === undefined) store(vectors, presence, row, rowOf(vectors, first));
        else failures.set(row, { ...failure, row });
      }
      const sorted = [...failures.values()].sort((a, b) => a.row - b.row);
      return { vectors, presence, failures: sorted, reused };
    },
  };
}

function store(vectors: Matrix, presence: Uint8Array, row: number, vector: ArrayLike<number>): void {
  vectors.values.set(vector, row * vectors.columns);
  presence[row] = 1;
}
