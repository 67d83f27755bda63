/** Encoder threads that stay between calls: a service that embeds one item at a time must not load its models for each. */
import type { BatchEncoder, EncoderOpening } from "./encoder.ts";
import { startEncoderThread } from "./encoder-thread.ts";

type Opening = Pick<EncoderOpening, "manifest" | "files">;

export interface KeptEncoders {
  /** Files of the encoder of this digest, found and verified once. */
  filesOf(digest: string, find: () => Promise<Opening["files"]>): Promise<Opening["files"]>;
  /** Its thread, started when it is first asked for, and anew after it failed. */
  encoderOf(opening: Opening): BatchEncoder;
  close(): Promise<void>;
}

/** One thread an encoder: batches of several callers wait in its own line. */
export function createKeptEncoders(): KeptEncoders {
  const files = new Map<string, Promise<Opening["files"]>>();
  const threads = new Map<string, BatchEncoder>();
  const inFlight = new SharedArrayBuffer(4);
  return {
    filesOf: (encoder, find) => {
      const known = files.get(encoder) ?? find();
      files.set(encoder, known);
      known.catch(() => files.delete(encoder));
      return known;
    },
    encoderOf: (opening) => {
      // Names of encoders from folders and hubs may be the same.
      const key = JSON.stringify(opening.manifest);
      const thread = threads.get(key) ?? startEncoderThread({ ...opening, threads: 1, inFlight });
      threads.set(key, thread);
      const encode: BatchEncoder["encode"] = async (inputs) => {
        try {
          return await thread.encode(inputs);
        } catch (error) {
          if (threads.get(key) === thread) threads.delete(key);
          throw error;
        }
      };
      return { encode, close: async () => undefined };
    },
    close: async () => {
      await Promise.all([...threads.values()].map((thread) => thread.close()));
      threads.clear();
    },
  };
}
