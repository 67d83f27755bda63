/**
 * One block of a catalog through one encoder: inputs are cut into chunks, lanes (a worker thread each) take the next chunk as
 * they become free, known vectors come from the cache. What a chunk holds never depends on the number of lanes.
 */
import { availableParallelism } from "node:os";
import { type ErrorCode, TailrecError } from "../errors.ts";
import { zeros } from "../math/matrix.ts";
import { type RunContext, throwIfInterrupted } from "../run-context.ts";
import type { BlockValues } from "./block-values.ts";
import { type EmbeddingCache, inputKey } from "./embedding-cache.ts";
import type { BatchEncoder, EncoderInput, EncoderOpening } from "./encoder.ts";
import { startEncoderThread } from "./encoder-thread.ts";

/** An item's input to an encoder; `load` rejects with the reason when there is none after all. */
export interface BlockInput {
  readonly row: number;
  load(): Promise<EncoderInput>;
}

export interface BlockEncoding extends BlockValues {
  readonly failures: readonly FailedInput[];
}

/** An input that could not be read (FILE_NOT_FOUND), may not be (FORBIDDEN_INPUT) or was not understood (UNREADABLE_INPUT). */
interface FailedInput {
  readonly row: number;
  readonly code: ErrorCode;
  readonly reason: string;
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

/** What the lanes fill: rows of the block, and how far they are. */
interface Collected extends BlockValues {
  readonly failures: FailedInput[];
  done: number;
}

/** Encodes every input. Rows without input, or whose input failed, are zeros with presence 0. */
export async function encodeBlock(request: BlockRequest, context: RunContext): Promise<BlockEncoding> {
  const { rows, inputs, chunkSize, manifest } = request;
  const vectors = zeros(rows, manifest.dimension);
  const collected: Collected = { vectors, presence: new Uint8Array(rows), failures: [], done: 0 };
  const queue = chunksOf(inputs, chunkSize);
  const cores = availableParallelism();
  const lanes = Math.min(cores, MAXIMUM_LANES, queue.length);
  const threads = Math.max(1, Math.floor(cores / Math.max(1, lanes)));
  await settled(Array.from({ length: lanes }, () => runLane(queue, request, threads, collected, context)));
  const failures = collected.failures.sort((a, b) => a.row - b.row);
  return { vectors, presence: collected.presence, failures };
}

function chunksOf(inputs: readonly BlockInput[], size: number): BlockInput[][] {
  return Array.from({ length: Math.ceil(inputs.length / size) }, (_, c) => inputs.slice(c * size, (c + 1) * size));
}

/** Works on the queue until it is empty; an error empties it, so that the other lanes stop too. */
async function runLane(
  queue: BlockInput[][],
  request: BlockRequest,
  threads: number,
  collected: Collected,
  context: RunContext,
): Promise<void> {
  const { stage, inputs, manifest, files, cache } = request;
  const thread = lazyThread({ manifest, files, threads });
  try {
    for (let chunk = queue.shift(); chunk !== undefined; chunk = queue.shift()) {
      throwIfInterrupted(context);
      await encodeChunk(chunk, thread.encoder, cache, collected);
      collected.done += chunk.length;
      context.onProgress?.({ stage, done: collected.done, total: inputs.length });
    }
  } catch (error) {
    queue.length = 0;
    throw error;
  } finally {
    await thread.close();
  }
}

/** Waits for all lanes, so that none outlives the call, then throws the first error. */
async function settled(lanes: readonly Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(lanes)) if (result.status === "rejected") throw result.reason;
}

/** A thread that starts with the first batch: a run that finds everything in the cache loads no model. */
function lazyThread(opening: EncoderOpening) {
  let started: BatchEncoder | undefined;
  const encoder = (): BatchEncoder => {
    started ??= startEncoderThread(opening);
    return started;
  };
  return { encoder, close: async () => started?.close() };
}

/** Known vectors from the cache, the others from the encoder. */
async function encodeChunk(
  chunk: readonly BlockInput[],
  encoder: () => BatchEncoder,
  cache: EmbeddingCache | undefined,
  collected: Collected,
): Promise<void> {
  const loaded = await loadChunk(chunk, collected);
  const unknown = loaded.filter(({ row, key }) => !store(row, cache?.get(key), collected));
  if (unknown.length === 0) return;
  const { vectors, failures } = await encoder().encode(unknown.map(({ input }) => input));
  for (const { index, reason } of failures)
    collected.failures.push({ row: unknown[index].row, code: "UNREADABLE_INPUT", reason });
  const failed = new Set(failures.map(({ index }) => index));
  const dimension = collected.vectors.columns;
  const computed = unknown
    .map(({ row, key }, i) => ({ row, key, vector: vectors.subarray(i * dimension, (i + 1) * dimension) }))
    .filter((_, i) => !failed.has(i));
  for (const { row, vector } of computed) store(row, vector, collected);
  await cache?.add(computed);
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
    collected.failures.push({ row, ...refusalOf(result.reason) });
    return [];
  });
}

function refusalOf(reason: unknown): { readonly code: ErrorCode; readonly reason: string } {
  const code = reason instanceof TailrecError ? reason.code : "FILE_NOT_FOUND";
  return { code, reason: reason instanceof Error ? reason.message : String(reason) };
}

/** Puts a vector into its row; false when there is none. */
function store(row: number, vector: Float32Array | undefined, { vectors, presence }: BlockValues): boolean {
  if (vector === undefined) return false;
  vectors.values.set(vector, row * vectors.columns);
  presence[row] = 1;
  return true;
}
