/**
 * What an encoder is, wherever it runs: inputs in (texts, or the bytes of pictures), one vector a row out. An input that cannot
 * be encoded gives a zero row and a reason, never an error.
 */
import { TailrecError } from "../../errors.ts";
import type { CommonManifest } from "../models/common-manifest.ts";

export type EncoderInput = string | Uint8Array;

export interface EncodingFailure {
  /** Position in the batch. */
  readonly index: number;
  readonly reason: string;
}

export interface EncodedBatch {
  /** Batch size x dimension, row-major. */
  readonly vectors: Float32Array;
  readonly failures: readonly EncodingFailure[];
}

export interface BatchEncoder {
  /** May be called again before it has answered: see `pipelined`. */
  encode(inputs: readonly EncoderInput[]): Promise<EncodedBatch>;
  close(): Promise<void>;
}

/** What opens an encoder: its manifest, the paths of its files by their names there, and the threads a session may use. */
export interface EncoderOpening<Manifest = CommonManifest & { readonly task: string }> {
  readonly manifest: Manifest;
  readonly files: Readonly<Record<string, string>>;
  readonly threads: number;
  /** Four bytes that begin as 0 and that all lanes of an encoder share: a count of what they hold, where that is limited. */
  readonly inFlight?: SharedArrayBuffer;
}

/** An `encode` that prepares a batch at once, beside the runs of those before it, and runs batches in the order of its calls. */
export function pipelined<P>(
  prepare: (inputs: readonly EncoderInput[]) => Promise<P>,
  run: (prepared: P) => Promise<EncodedBatch>,
): BatchEncoder["encode"] {
  let last: Promise<unknown> = Promise.resolve();
  return async (inputs) => {
    const before = last;
    const prepared = prepare(inputs);
    const turn = Promise.allSettled([before, prepared]).then(async () => run(await prepared));
    last = turn.catch(() => undefined);
    return turn;
  };
}

/** MODEL_INVALID unless the graph's output has the shape that the manifest promises. */
export function checkShape(name: string, received: readonly number[], expected: readonly number[]): void {
  if (received.length === expected.length && received.every((size, axis) => size === expected[axis])) return;
  throw new TailrecError(
    "MODEL_INVALID",
    `encoder "${name}": expected output of shape ${expected.join(" x ")}, received ${received.join(" x ")}; check dimension, outputName and pooling in its manifest`,
  );
}
