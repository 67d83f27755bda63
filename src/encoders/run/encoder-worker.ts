/**
 * The thread that runs one encoder: opens it from its workerData, then answers each batch with its vectors or its error. A
 * batch that comes while another runs is prepared at once; the encoder runs them in order.
 */
import { parentPort, workerData } from "node:worker_threads";
import type { EncodedBatch, EncoderInput, EncoderOpening } from "./encoder.ts";
import { openEncoder } from "./opened-encoder.ts";
import { type PassedError, passError } from "./passed-error.ts";

/** A message to the worker: inputs to encode, or null to close. */
export interface EncoderRequest {
  /** Comes back with the answer. */
  readonly id: number;
  readonly inputs: readonly EncoderInput[] | null;
}

export interface EncoderAnswer {
  readonly id: number;
  /** Absent after an error and on closing. */
  readonly batch?: EncodedBatch;
  readonly failure?: PassedError;
}

const opened = openEncoder(workerData as EncoderOpening);
// Held back until the first request asks for it.
opened.catch(() => undefined);

parentPort?.on("message", (request: EncoderRequest) => {
  answer(request).then(post, (error: unknown) =>
    post({ id: request.id, failure: passError(error, "an encoder failed") }),
  );
});

async function answer({ id, inputs }: EncoderRequest): Promise<EncoderAnswer> {
  const encoder = await opened;
  if (inputs !== null) return { id, batch: await encoder.encode(inputs) };
  await encoder.close();
  return { id };
}

function post(message: EncoderAnswer): void {
  parentPort?.postMessage(message, message.batch === undefined ? [] : [message.batch.vectors.buffer as ArrayBuffer]);
}
