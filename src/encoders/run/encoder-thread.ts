/** The main thread's end of an encoder worker: batches go out as they come, answers find their batch by number. */
import { createRequire } from "node:module";
import { Worker } from "node:worker_threads";
import { TailrecError } from "../../errors.ts";
import "../../math/onnx/quiet-runtime.ts";
import type { BatchEncoder, EncodedBatch, EncoderInput, EncoderOpening } from "./encoder.ts";
import type { EncoderAnswer, EncoderRequest } from "./encoder-worker.ts";
import { passedError } from "./passed-error.ts";

interface Waiting {
  resolve(batch: EncodedBatch | undefined): void;
  reject(error: unknown): void;
}

/** Starts the thread. What goes wrong on opening (MODEL_INVALID) is thrown by the first `encode`. */
export function startEncoderThread(opening: EncoderOpening): BatchEncoder {
  const entry = createRequire(import.meta.url).resolve("#encoder-worker");
  // Without the flags of this process: `node --input-type=module` given a file, as this entry is, refuses to start.
  const worker = new Worker(entry, { workerData: opening, execArgv: [] });
  const waiting = new Map<number, Waiting>();
  let batches = 0;
  let ended: TailrecError | undefined;
  const end = (cause: unknown): void => {
    ended ??= new TailrecError("INTERNAL", "an encoder thread stopped; please report it", { cause });
    for (const { reject } of waiting.values()) reject(ended);
    waiting.clear();
  };
  worker.on("message", (answer: EncoderAnswer) => deliver(answer, waiting));
  worker.once("error", end);
  worker.once("exit", (code) => end(`exit code ${code}`));
  const ask = (inputs: EncoderRequest["inputs"]): Promise<EncodedBatch | undefined> =>
    new Promise((resolve, reject) => {
      if (ended !== undefined) throw ended;
      waiting.set(batches, { resolve, reject });
      worker.postMessage({ id: batches++, inputs } satisfies EncoderRequest, transferable(inputs ?? []));
    });
  return {
    encode: async (inputs) => {
      const batch = await ask(inputs);
      if (batch === undefined)
        throw new TailrecError("INTERNAL", "an encoder thread gave no vectors; please report it");
      return batch;
    },
    close: async () => {
      // A session that is asked to close frees its memory at once; a thread that is gone has none.
      await ask(null).catch(() => undefined);
      await worker.terminate();
    },
  };
}

function deliver({ id, batch, failure }: EncoderAnswer, waiting: Map<number, Waiting>): void {
  const asker = waiting.get(id);
  waiting.delete(id);
  if (failure === undefined) asker?.resolve(batch);
  else asker?.reject(passedError(failure));
}

/** The buffers that can be handed over without a copy: those that belong to one input alone. */
function transferable(inputs: readonly EncoderInput[]): ArrayBuffer[] {
  return inputs.flatMap((input) =>
    typeof input !== "string" && input.buffer instanceof ArrayBuffer && input.byteLength === input.buffer.byteLength
      ? [input.buffer]
      : [],
  );
}
