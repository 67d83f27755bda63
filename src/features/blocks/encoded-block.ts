/**
 * The part that all blocks of encoder vectors share, whatever the encoder reads: fitting notes whose vectors they are, applying
 * takes vectors of the same encoder alone.
 */
import { z } from "zod";
import { TailrecError } from "../../errors.ts";
import type { BlockKind, BlockSchema, InputFiles, OptionsOf } from "../block-kind.ts";
import type { EncodedBlock } from "../encoding.ts";

/** Whose vectors a block takes. */
export interface EncoderSpace {
  readonly encoder: string;
  /** Digest of weights and preparation; vectors of another digest do not fit. */
  readonly digest: string;
  readonly dimension: number;
}

const documentSchema = z.strictObject({ encoder: z.string(), digest: z.string(), dimension: z.int() });

/** What tells one such block from another. */
export interface EncodedBlockParts<Name extends string, Schema extends BlockSchema>
  extends Pick<BlockKind<Name, Schema>, "name" | "schema" | "words"> {
  readonly files?: InputFiles<OptionsOf<Schema>>;
  readonly hasInput?: BlockKind<Name, Schema>["hasInput"];
  readonly encode: NonNullable<BlockKind<Name, Schema>["encode"]>;
}

/** A kind of block whose columns are the vectors that `encode` gives. */
export function encodedBlock<Name extends string, Schema extends BlockSchema>(
  parts: EncodedBlockParts<Name, Schema>,
): BlockKind<Name, Schema, EncoderSpace> {
  const { name } = parts;
  return {
    ...parts,
    fit: ({ encoded }) => {
      const { encoder, digest, vectors } = required(name, encoded);
      return { encoder, digest, dimension: vectors.columns };
    },
    columns: ({ dimension }) => dimension,
    apply: (space, { encoded }) => {
      const { vectors, presence, encoder, digest } = required(name, encoded);
      if (digest === space.digest) return { vectors, presence };
      throw new TailrecError(
        "MODEL_INVALID",
        `the ${name} block was fitted on vectors of "${space.encoder}" (digest ${space.digest}), received those of "${encoder}" (digest ${digest}); use the same encoder, or fit again`,
      );
    },
    origin: ({ encoder, dimension }) => ({ source: encoder, sourceDimension: dimension, explainedVariance: 1 }),
    encoderOf: ({ encoder, digest }) => ({ name: encoder, digest }),
    storage: {
      document: documentSchema,
      save: (space) => ({ document: space, tensors: {} }),
      load: (space) => space,
    },
  };
}

function required(name: string, encoded: EncodedBlock | null): EncodedBlock {
  if (encoded !== null) return encoded;
  throw new TailrecError(
    "INVALID_ARGUMENT",
    `expected an encoded catalog with a ${name} block, received one without; encode it by the same options`,
  );
}
