/**
 * One block of a catalog through one encoder: inputs are cut into chunks, lanes (a worker thread each) take the next chunk as
 * they become free, known vectors come from the cache. What a chunk holds never depends on the number of lanes.
 */
import { availableParallelism } from "node:os";
import { zeros } from "../math/matrix.ts";
import { type RunContext, throwIfInterrupted } from "../run-context.ts";
import type { BlockValues } from "./block-values.ts";
import type { EmbeddingCache } from "./embedding-cache.ts";
import { inputKey } from "./embedding-cache.ts";
import type { BatchEncoder, EncoderInput, EncoderOpening } from "./encoder.ts";
import { startEncoderThread } from "./encoder-thread.ts";

/** An item's input to an encoder; `load` rejects with the reason when there is none after all. */
export interface BlockInput {
  readonly row: number;
  load(): Promise<EncoderInput>;
}

export interface BlockEncoding extends BlockValues {
  readonly failures: readonly { readonly row: number; readonly reason: string }[];
}

export interface BlockRequest {
  readonly stage: string;
  /** Rows of the catalog. */
  readonly rows: number;
  readonly inputs: readonly BlockInput[];
  readonly chunkSize: number;
  readonly manifest: EncoderOpening["manifest"];
  readonly files: EncoderOpening["files"];
  readonly cache: EmbeddingCache | undefined;
}

/** More lanes than this would hold more copies of the weights than they gain. */
const MAXIMUM_LANES = 4;

/** Encodes every input. Rows without input, or whose input failed, are zeros with presence 0. */
export async function encodeBlock(request: BlockRequest, context: RunContext): Promise<BlockEncoding> {
  const { rows, inputs, chunkSize, manifest, files } = request;
  const chunks = Array.from({ length: Math.ceil(inputs.length / chunkSize) }, (_, c) =>
    inputs.slice(c * chunkSize, (c + 1) * chunkSize),
  );
  const cores = availableParallelism();
  const lanes = Math.min(cores, MAXIMUM_LANES, chunks.length);
  const threads = Math.max(1, Math.floor(cores / Math.max(1, lanes)));
  const collected: Collected = {
    vectors: zeros(rows, manifest.dimension),
    presence: new Uint8Array(rows),
    failures: [],
  };
  let next = 0;
  let done = 0;
  const runLane = async (): Promise<void> => {
    const lane = openLane({ manifest, files, threads });
    try {
      while (next < chunks.length) {
        throwIfInterrupted(context);
        const chunk = chunks[next++];
        await encodeChunk(chunk, lane.encoder, request.cache, collected);
        done += chunk.length;
        context.onProgress?.({ stage: request.stage, done, total: inputs.length });
      }
    } catch (error) {
      next = chunks.length;
      throw error;
    } finally {
      await lane.close();
    }
  };
  await settled(Array.from({ length: lanes }, runLane));
  collected.failures.sort((a, b) => a.row - b.row);
  return collected;
}

interface Collected extends BlockValues {
  readonly failures: { row: number; reason: string }[];
}

/** Waits for all lanes, so that none outlives the call, then throws the first error. */
async function settled(lanes: readonly Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(lanes)) if (result.status === "rejected") throw result.reason;
}

/** A thread that starts with the first batch: a run that finds everything in the cache loads no model. */
function openLane(opening: EncoderOpening) {
  let started: BatchEncoder | undefined;
  const encoder = (): BatchEncoder => {
    started ??= startEncoderThread(opening);
    return started;
  };
  return { encoder, close: async () => started?.close() };
}

async function encodeChunk(
  chunk: readonly BlockInput[],
  encoder: () => BatchEncoder,
  cache: EmbeddingCache | undefined,
  collected: Collected,
): Promise<void> {
  const loaded = await loadChunk(chunk, collected);
  const missing = loaded.filter(({ row, key }) => !storeKnown(row, cache?.get(key), collected));
  if (missing.length === 0) return;
  const { vectors, failures } = await encoder().encode(missing.map(({ input }) => input));
  const reasons = new Map(failures.map(({ index, reason }) => [index, reason]));
  const dimension = collected.vectors.columns;
  const added = missing.flatMap(({ row, key }, i) => {
    const reason = reasons.get(i);
    if (reason !== undefined) {
      collected.failures.push({ row, reason });
      return [];
    }
    const vector = vectors.subarray(i * dimension, (i + 1) * dimension);
    storeKnown(row, vector, collected);
    return [{ key, vector }];
  });
  await cache?.add(added);
}

interface LoadedInput {
  readonly row: number;
  readonly input: EncoderInput;
  readonly key: string;
}

async function loadChunk(chunk: readonly BlockInput[], collected: Collected): Promise<LoadedInput[]> {
  const results = await Promise.allSettled(chunk.map((item) => item.load()));
  return results.flatMap((result, i) => {
    const { row } = chunk[i];
    if (result.status === "fulfilled") return [{ row, input: result.value, key: inputKey(result.value) }];
    collected.failures.push({
      row,
      reason: result.reason instanceof Error ? result.reason.message : String(result.reason),
    });
    return [];
  });
}

function storeKnown(row: number, vector: Float32Array | undefined, { vectors, presence }: BlockValues): boolean {
  if (vector === undefined) return false;
  vectors.values.set(vector, row * vectors.columns);
  presence[row] = 1;
  return true;
}
