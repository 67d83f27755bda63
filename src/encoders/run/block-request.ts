/** What an encoding is asked for: the inputs of a block in the order of their encoding, and who encodes and remembers them. */
import type { VectorStore } from "../cache/vector-store.ts";
import type { EncoderInput, EncoderOpening } from "./encoder.ts";
import type { LanePlan } from "./encoding-lanes.ts";
import type { KeptEncoders } from "./kept-encoders.ts";

/** What is remembered of the inputs of a catalog, by row. */
export interface KnownInputs {
  /** The content address of each row's input; undefined where it has to be read. */
  recall(rows: Uint32Array): Promise<(string | undefined)[]>;
  /** Takes note of inputs that have been read. */
  learn(inputs: readonly { readonly row: number; readonly key: string }[]): Promise<void>;
}

/** The inputs of a catalog, and how many of them go together. */
export interface BlockInputs {
  /** The rows that have an input, in the order in which they are to be encoded. */
  readonly order: Uint32Array;
  /** The input of a row; rejects with the reason when there is none after all. */
  readonly load: (row: number) => Promise<EncoderInput>;
  /** Inputs to be read, and looked up in the cache, at a time. */
  readonly together: number;
  /** A batch is as many inputs as have at most this cost. */
  readonly budget: number;
  readonly costOf: (input: EncoderInput) => number;
  /** Inputs that need not be read where the cache has their vectors. */
  readonly known?: KnownInputs;
}

export interface BlockRequest extends BlockInputs {
  /** Names the work in progress. */
  readonly stage: string;
  /** Rows of the catalog. */
  readonly rows: number;
  readonly manifest: EncoderOpening["manifest"];
  readonly files: EncoderOpening["files"];
  readonly cache: VectorStore | undefined;
  readonly lanes: LanePlan;
  /** Threads that stay; the lanes' own when absent. */
  readonly kept?: KeptEncoders;
}
