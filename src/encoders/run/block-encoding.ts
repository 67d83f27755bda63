/**
 * One block of a catalog through one encoder: known vectors from the cache, the others batch by batch from the encoder's lanes.
 * What a lane has computed is in the cache before it is counted as done, so a run that is killed loses the batches in flight.
 */
import { type RunContext, throwIfInterrupted } from "../../run-context.ts";
import type { BlockRequest } from "./block-request.ts";
import {
  type BlockEncoding,
  type BlockResult,
  emptyResult,
  finishResult,
  progressOf,
  putVector,
} from "./block-result.ts";
import type { BatchEncoder } from "./encoder.ts";
import { withLanes } from "./encoding-lanes.ts";
import { InputQueue, type PendingInput } from "./input-queue.ts";
import { takeRemembered } from "./known-inputs.ts";

/** Encodes every input. Rows without input, or whose input failed, are zeros with presence 0. */
export async function encodeBlock(request: BlockRequest, context: RunContext): Promise<BlockEncoding> {
  const { stage, rows, order, manifest, files, lanes, kept } = request;
  const result = emptyResult(rows, manifest.dimension);
  const left = await takeRemembered(request, result, context);
  const queue = new InputQueue({ ...request, order: left }, order.length, result, context);
  const work = async (encoder: () => BatchEncoder): Promise<void> => {
    try {
      for (let batch = await queue.next(); batch.length > 0; batch = await queue.next()) {
        await encodeBatch(batch, encoder(), request, result);
        context.onProgress?.(progressOf(result, stage, order.length));
        throwIfInterrupted(context);
      }
    } catch (error) {
      queue.close();
      throw error;
    }
  };
  await withLanes({ manifest, files }, lanes, work, kept);
  return finishResult(result);
}

async function encodeBatch(
  batch: readonly PendingInput[],
  encoder: BatchEncoder,
  { manifest, cache }: BlockRequest,
  result: BlockResult,
): Promise<void> {
  const { vectors, failures } = await encoder.encode(batch.map(({ input }) => input));
  const fail = (row: number, reason: string) => result.failures.set(row, { row, code: "UNREADABLE_INPUT", reason });
  for (const { index, reason } of failures) fail(batch[index].row, reason);
  const encoded = batch.map(({ row, key }, i) => ({
    row,
    key,
    vector: vectors.subarray(i * manifest.dimension, (i + 1) * manifest.dimension),
  }));
  for (const { row, vector } of encoded) {
    // Half precision overflows on some inputs; the cache must not keep it.
    if (!vector.every(Number.isFinite)) fail(row, `the encoder "${manifest.name}" gave values that are not finite`);
  }
  const computed = encoded.filter(({ row }) => !result.failures.has(row));
  await cache?.add(computed);
  for (const { row, vector } of computed) putVector(result, row, vector);
  result.computed += computed.length;
}
