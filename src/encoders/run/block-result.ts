/** What an encoding fills: the rows of a block, what failed, and how many inputs have come to an end. */

import type { BlockValues } from "../../data/block-values.ts";
import type { ErrorCode } from "../../errors.ts";
import { rowOf, zeros } from "../../math/matrix.ts";
import type { Progress } from "../../run-context.ts";

/** Rows without input, or whose input failed, are zeros with presence 0. */
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

/** An encoding under way. */
export interface BlockResult extends BlockValues {
  readonly failures: Map<number, FailedInput>;
  /** Rows of the same input as an earlier row, whose vector may not be there yet. */
  readonly copies: { readonly row: number; readonly first: number }[];
  reused: number;
  computed: number;
}

export function emptyResult(rows: number, dimension: number): BlockResult {
  const vectors = zeros(rows, dimension);
  return { vectors, presence: new Uint8Array(rows), failures: new Map(), copies: [], reused: 0, computed: 0 };
}

export function putVector({ vectors, presence }: BlockResult, row: number, vector: ArrayLike<number>): void {
  vectors.values.set(vector, row * vectors.columns);
  presence[row] = 1;
}

/** How far it is, of `total` inputs. */
export function progressOf(result: BlockResult, stage: string, total: number): Progress {
  const { failures, copies, reused, computed } = result;
  const done = reused + computed + failures.size + copies.length;
  return { stage, done, total, note: reused > 0 ? `${reused} from the cache` : undefined };
}

/** Gives every copy what its first row came to, once all inputs have come to an end. */
export function finishResult(result: BlockResult): BlockEncoding {
  const { vectors, presence, failures, copies, reused } = result;
  for (const { row, first } of copies) {
    const failure = failures.get(first);
    if (failure === undefined) putVector(result, row, rowOf(vectors, first));
    else failures.set(row, { ...failure, row });
  }
  return { vectors, presence, failures: [...failures.values()].sort((a, b) => a.row - b.row), reused };
}
