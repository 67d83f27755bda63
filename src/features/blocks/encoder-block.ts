/** A block of vectors from an encoder of `models/`, or of a manifest of one's own: worker threads, cache and quarantine included. */
import { availableParallelism } from "node:os";
import type { z } from "zod";
import type { Catalog } from "../../data/catalog.ts";
import { openEmbeddingCache } from "../../encoders/cache/embedding-cache.ts";
import { withDtype } from "../../encoders/models/encoder-name.ts";
import { encoderDigest, type LocatedManifest, loadManifestFor } from "../../encoders/models/manifest.ts";
import { fetchedModelFiles } from "../../encoders/models/model-files.ts";
import type { Dtype } from "../../encoders/models/transformers-layout.ts";
import { encodeBlock } from "../../encoders/run/block-encoding.ts";
import type { BlockInputs } from "../../encoders/run/block-request.ts";
import type { BlockEncoding } from "../../encoders/run/block-result.ts";
import { planLanes } from "../../encoders/run/encoding-lanes.ts";
import type { BuiltInTask } from "../../encoders/tasks.ts";
import type { BlockKind, BlockOptions, OptionsOf } from "../block-kind.ts";
import type { EncodingContext } from "../encoding.ts";
import { type EncodedBlockParts, type EncoderSpace, encodedBlock } from "./encoded-block.ts";

/** Options that name an encoder. */
export interface EncoderOptions extends BlockOptions {
  readonly encoder: string;
  readonly dtype?: Dtype;
}

type EncoderSchema = z.ZodType<EncoderOptions | null>;

/** The inputs of a catalog; `close` ends what was opened for them. */
export interface OpenedInputs extends BlockInputs {
  close?(): Promise<void>;
}

export interface EncoderBlockParts<Task extends BuiltInTask["name"], Schema extends EncoderSchema>
  extends Omit<EncodedBlockParts<Task, Schema>, "name" | "encode"> {
  /** What the encoder must do; the block is called so too. */
  readonly task: Task;
  /** What the encoder reads of a catalog, and in which order. */
  readonly inputs: (catalog: Catalog, options: OptionsOf<Schema>, context: EncodingContext) => Promise<OpenedInputs>;
}

/** A kind whose encoder is named by its options. */
export type EncoderBlock<Task extends BuiltInTask["name"], Schema extends EncoderSchema> = BlockKind<
  Task,
  Schema,
  EncoderSpace
> & { readonly task: Task };

/** The kind of block that encoders of one task make. MODEL_MISSING or MODEL_INVALID on encoding when the encoder cannot be had. */
export function encoderBlock<Task extends BuiltInTask["name"], Schema extends EncoderSchema>({
  inputs,
  ...parts
}: EncoderBlockParts<Task, Schema>): EncoderBlock<Task, Schema> {
  const { task } = parts;
  const kind = encodedBlock({
    ...parts,
    name: task,
    encode: async (catalog, options, context) => {
      const { folder = process.cwd(), modelFolder } = context;
      const located = await loadManifestFor(task, withDtype(options.encoder, options.dtype), folder, modelFolder);
      const opened = await inputs(catalog, options, context);
      try {
        const { failures, ...values } = await encodeWith(located, opened, catalog.ids.length, context);
        const { manifest } = located;
        return { block: { encoder: manifest.name, digest: encoderDigest(manifest), ...values }, failures };
      } finally {
        await opened.close?.();
      }
    },
  });
  return { ...kind, task };
}

async function encodeWith(
  located: LocatedManifest,
  inputs: BlockInputs,
  rows: number,
  context: EncodingContext,
): Promise<BlockEncoding> {
  const { manifest } = located;
  const { cacheFolder, kept } = context;
  const find = () => fetchedModelFiles(located, context);
  const files = await (kept === undefined ? find() : kept.filesOf(encoderDigest(manifest), find));
  const cache = cacheFolder === undefined ? undefined : await openEmbeddingCache(cacheFolder, manifest);
  try {
    const stage = `encode ${manifest.task}`;
    const lanes = planLanes(availableParallelism());
    return await encodeBlock({ ...inputs, stage, rows, manifest, files, cache, lanes, kept }, context);
  } finally {
    await cache?.close();
  }
}
