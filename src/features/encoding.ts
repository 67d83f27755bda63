/** What the expensive part of a block comes to: one vector an item from an encoder, done once a catalog whatever is fitted on it. */
import type { BlockValues } from "../data/block-values.ts";
import type { ModelFilesContext } from "../encoders/models/model-files.ts";
import type { FailedInput } from "../encoders/run/block-result.ts";
import type { KeptEncoders } from "../encoders/run/kept-encoders.ts";

export interface EncodingContext extends ModelFilesContext {
  /** Folder where relative manifest paths start; the working directory when absent. */
  readonly folder?: string;
  /** Folder where computed vectors are kept; nothing is kept when absent. */
  readonly cacheFolder?: string;
  /** Encoder threads that stay between calls; each call starts and ends its own when absent. */
  readonly kept?: KeptEncoders;
}

export interface EncodedBlock extends BlockValues {
  /** The encoder's name. */
  readonly encoder: string;
  /** Digest of weights and preparation: two encoders of one digest give the same vectors. */
  readonly digest: string;
  /** Vectors that came from the cache; the others were computed, or copied from another item of the same input. */
  readonly reused: number;
}

/** An encoded block, and the inputs that could not be used. */
export interface Encoding {
  readonly block: EncodedBlock;
  readonly failures: readonly FailedInput[];
}
