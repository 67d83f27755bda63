/** The main thread's end of an encoder worker: one batch at a time, errors come back as TailrecError. */
import { createRequire } from "node:module";
import { Worker } from "node:worker_threads";
import { TailrecError } from "../errors.ts";
import type { BatchEncoder, EncoderInput, EncoderOpening } from "./encoder.ts";
import type { EncoderAnswer, EncoderRequest } from "./encoder-worker.ts";

/** Starts the thread. What goes wrong on opening (MODEL_INVALID) is thrown by the first `encode`. */
export function startEncoderThread(opening: EncoderOpening): BatchEncoder {
  const entry = createRequire(import.meta.url).resolve("#encoder-worker");
  // Without the flags of this process: `node --input-type=module` given a file, as this entry is, refuses to start.
  const worker = new Worker(entry, { workerData: opening, execArgv: [] });
  let ended: unknown;
  worker.once("error", (error) => {
    ended = error;
  });
  worker.once("exit", (code) => {
    ended ??= `exit code ${code}`;
  });
  return {
    encode: async (inputs) => {
      if (ended !== undefined) throw threadStopped(ended);
      const { batch } = await ask(worker, { inputs }, transferable(inputs));
      if (batch === undefined)
        throw new TailrecError("INTERNAL", "an encoder thread gave no vectors; please report it");
      return batch;
    },
    close: async () => {
      // A session that is asked to close frees its memory at once; a thread that is gone has none.
      if (ended === undefined) await ask(worker, { inputs: null }, []).catch(() => undefined);
      await worker.terminate();
    },
  };
}

/** The buffers that can be handed over without a copy: those that belong to one input alone. */
function transferable(inputs: readonly EncoderInput[]): ArrayBuffer[] {
  return inputs.flatMap((input) =>
    typeof input !== "string" && input.buffer instanceof ArrayBuffer && input.byteLength === input.buffer.byteLength
      ? [input.buffer]
      : [],
  );
}

function ask(worker: Worker, request: EncoderRequest, transfer: readonly ArrayBuffer[]): Promise<EncoderAnswer> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      worker.off("message", onMessage).off("error", onError).off("exit", onExit);
      act();
    };
    const onMessage = (answer: EncoderAnswer): void => settle(() => deliver(answer, resolve, reject));
    const onError = (error: unknown): void => settle(() => reject(threadStopped(error)));
    const onExit = (code: number): void => settle(() => reject(threadStopped(`exit code ${code}`)));
    worker.on("message", onMessage).on("error", onError).on("exit", onExit);
    worker.postMessage(request, transfer);
  });
}

function deliver(
  answer: EncoderAnswer,
  resolve: (answer: EncoderAnswer) => void,
  reject: (error: TailrecError) => void,
): void {
  const { failure } = answer;
  if (failure === undefined) resolve(answer);
  else reject(new TailrecError(failure.code, failure.message));
}

function threadStopped(cause: unknown): TailrecError {
  return new TailrecError("INTERNAL", "an encoder thread stopped; please report it", { cause });
}
