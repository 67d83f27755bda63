/** Inputs whose content address is known from an earlier run: where the cache has their vectors, they are not even read. */
import { type RunContext, throwIfInterrupted } from "../../run-context.ts";
import type { BlockRequest } from "./block-request.ts";
import { type BlockResult, progressOf, putVector } from "./block-result.ts";

/** Rows looked up at a time. */
const TOGETHER = 1024;

/** Stores the vectors of known inputs; gives the rows that are left to be read, in their order. */
export async function takeRemembered(
  request: BlockRequest,
  result: BlockResult,
  context: RunContext,
): Promise<Uint32Array> {
  const { order, known, cache, stage } = request;
  if (known === undefined || cache === undefined) return order;
  const left: number[] = [];
  for (let begin = 0; begin < order.length; begin += TOGETHER) {
    throwIfInterrupted(context);
    const rows = order.subarray(begin, begin + TOGETHER);
    const keys = await known.recall(rows);
    const vectors = await cache.read(keys.map((key) => key ?? ""));
    for (const [i, row] of rows.entries()) {
      const vector = vectors[i];
      if (vector === undefined) left.push(row);
      else {
        putVector(result, row, vector);
        result.reused++;
      }
    }
    context.onProgress?.(progressOf(result, stage, order.length));
  }
  return Uint32Array.from(left);
}
