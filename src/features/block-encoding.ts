/**
 * One block of a catalog through one encoder: known vectors from the cache, the others batch by batch from the encoder's lanes.
 * What a lane has computed is in the cache before it takes its next batch, so a run that is killed loses the batches in flight.
 */
import { availableParallelism } from "node:os";
import { type RunContext, throwIfInterrupted } from "../run-context.ts";
import { type BlockEncoding, type BlockResult, createBlockResult } from "./block-result.ts";
import type { BatchEncoder, EncoderInput, EncoderOpening } from "./encoder.ts";
import { planLanes, withLanes } from "./encoding-lanes.ts";
import { createInputQueue, type PendingInput } from "./input-queue.ts";
import type { VectorStore } from "./vector-store.ts";

export interface BlockRequest {
  readonly stage: string;
  /** Rows of the catalog. */
  readonly rows: number;
  /** The rows that have an input, in the order in which they are to be encoded. */
  readonly order: Uint32Array;
  /** The input of a row; rejects with the reason when there is none after all. */
  readonly load: (row: number) => Promise<EncoderInput>;
  /** Inputs to be read, and looked up in the cache, at a time. */
  readonly together: number;
  /** A batch is as many inputs as have at most this cost. */
  readonly budget: number;
  readonly costOf: (input: EncoderInput) => number;
  readonly manifest: EncoderOpening["manifest"];
  readonly files: EncoderOpening["files"];
  readonly cache: VectorStore | undefined;
}

/** Encodes every input. Rows without input, or whose input failed, are zeros with presence 0. */
export async function encodeBlock(request: BlockRequest, context: RunContext): Promise<BlockEncoding> {
  const { stage, rows, order, manifest, files } = request;
  const result = createBlockResult({ stage, rows, dimension: manifest.dimension, total: order.length }, context);
  const queue = createInputQueue(request, result, context);
  await withLanes({ manifest, files }, planLanes(availableParallelism()), async (encoder) => {
    try {
      for (let batch = await queue.next(); batch.length > 0; batch = await queue.next()) {
        await encodeBatch(batch, encoder(), request, result);
        throwIfInterrupted(context);
      }
    } catch (error) {
      queue.close();
      throw error;
    }
  });
  return result.finish();
}

async function encodeBatch(
  batch: readonly PendingInput[],
  encoder: BatchEncoder,
  { manifest, cache }: BlockRequest,
  result: BlockResult,
): Promise<void> {
  const { vectors, failures } = await encoder.encode(batch.map(({ input }) => input));
  const reasons = new Map(failures.map(({ index, reason }) => [index, reason]));
  const vectorOf = (i: number) => vectors.subarray(i * manifest.dimension, (i + 1) * manifest.dimension);
  const computed = batch
    .map(({ row, key }, i) => ({ row, key, vector: vectorOf(i) }))
    .filter((_, i) => !reasons.has(i));
  await cache?.add(computed);
  for (const [i, { row }] of batch.entries()) {
    const reason = reasons.get(i);
    if (reason === undefined) result.compute(row, vectorOf(i));
    else result.fail(row, "UNREADABLE_INPUT", reason);
  }
  result.report();
}
