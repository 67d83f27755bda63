/**
 * The job `encode`: items to the vectors of the pipeline's encoders, those known from the cache. The job `inputs` gives the digests
 * alone of what would be read, which tells an engine what is encoded already.
 */
import { resolve } from "node:path";
import type { ParsedItemsOptions } from "../../data/ingest/ingest-options.ts";
import { createKeptEncoders } from "../../encoders/run/kept-encoders.ts";
import { encodedRows, failuresText, inputDigests } from "../../execution/encoded-rows.ts";
import { encodeCatalog, encodedBlockNames } from "../../features/encode-catalog.ts";
import type { FeatureOptions } from "../../features/feature-options.ts";
import type { RunContext } from "../../run-context.ts";
import { itemRows, withIds } from "../item-rows.ts";
import type { OpenedJob } from "../job.ts";
import { pictureFoldersOf } from "../picture-folders.ts";
import { QUARANTINE } from "../record.ts";

export interface EncodeRequest {
  readonly items: ParsedItemsOptions;
  readonly features: FeatureOptions;
  /** Where relative paths of the pipeline start. */
  readonly folder: string;
  readonly cacheFolder?: string;
}

/** Out: id, input (a digest of what was read), a vector a block. */
export async function openEncode(
  { items, features, folder, cacheFolder }: EncodeRequest,
  context: RunContext,
): Promise<OpenedJob> {
  const kept = createKeptEncoders();
  const blocks = encodedBlockNames(features);
  const folders = pictureFoldersOf(items, folder);
  const encoding = { ...context, onProgress: undefined, folder: resolve(folder), cacheFolder, kept };
  return {
    needs: [items.columns.id],
    columns: [
      { name: "id", type: "text" },
      { name: "input", type: "text" },
      ...blocks.map((name) => ({ name, type: "vector" as const })),
    ],
    run: (rows) =>
      withIds(rows, items.columns.id, async (places) => {
        const { catalog } = itemRows(rows, places, items, folders);
        const encoded = await encodeCatalog(catalog, features, encoding);
        return encodedRows(catalog, encoded, blocks).map(({ id, input, vectors, failures }) => ({
          id,
          input,
          ...vectors,
          [QUARANTINE]: failuresText(failures),
        }));
      }),
    close: () => kept.close(),
  };
}

/** Out: id, input. */
export async function openInputs({ items, folder }: Omit<EncodeRequest, "features">): Promise<OpenedJob> {
  const folders = pictureFoldersOf(items, folder);
  return {
    needs: [items.columns.id],
    columns: [
      { name: "id", type: "text" },
      { name: "input", type: "text" },
    ],
    run: (rows) =>
      withIds(rows, items.columns.id, async (places) => {
        const { catalog } = itemRows(rows, places, items, folders);
        const inputs = inputDigests(catalog);
        return catalog.ids.map((id, row) => ({ id, input: inputs[row] }));
      }),
    close: async () => undefined,
  };
}
