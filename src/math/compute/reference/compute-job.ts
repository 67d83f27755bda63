/**
 * The jobs that the reference kernel gives to its workers: plain records over shared memory, cut into blocks of rows.
 * Every row is computed by the same arithmetic whoever claims its block, so threads cannot change a result.
 */
import { multiplyRows, type ProductOperands } from "./dense-product.ts";
import type { DiagonalSystems } from "./diagonal-systems.ts";
import { solveDiagonalRows } from "./row-solve.ts";
import { type ShiftedSystems, solveShift } from "./shifted-solve.ts";
import { type TopKArrays, topKRows } from "./top-k.ts";

export type ComputeJob =
  | { readonly kind: "multiply"; readonly operands: ProductOperands; readonly fromDiagonal: boolean }
  | { readonly kind: "solve"; readonly systems: DiagonalSystems }
  | { readonly kind: "top-k"; readonly arrays: TopKArrays }
  | { readonly kind: "shifted"; readonly systems: ShiftedSystems };

export interface ComputeMessage {
  readonly job: ComputeJob;
  readonly rows: number;
  readonly blockRows: number;
  /** One shared int32: the next block nobody has claimed. */
  readonly counter: Int32Array;
}

/** Claims blocks until none is left. */
export function runComputeJob(message: ComputeMessage): void {
  const { rows, blockRows, counter } = message;
  for (;;) {
    const begin = Atomics.add(counter, 0, 1) * blockRows;
    if (begin >= rows) return;
    runBlock(message.job, begin, Math.min(begin + blockRows, rows));
  }
}

function runBlock(job: ComputeJob, begin: number, end: number): void {
  if (job.kind === "multiply") multiplyRows(job.operands, begin, end, job.fromDiagonal);
  else if (job.kind === "solve") solveDiagonalRows(job.systems, begin, end);
  else if (job.kind === "shifted") solveShift(job.systems, begin);
  else runTopKBlock(job.arrays, begin, end);
}

function runTopKBlock(arrays: TopKArrays, begin: number, end: number): void {
  const { queries, items, itemCount, dimension } = arrays;
  const scores = new Float32Array((end - begin) * itemCount);
  const a = queries.subarray(begin * dimension, end * dimension);
  multiplyRows({ a, b: items, out: scores, depth: dimension, columns: itemCount }, 0, end - begin);
  topKRows(arrays, scores, begin, end);
}
