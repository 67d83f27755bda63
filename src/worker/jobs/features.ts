/** The job `features`: items to vectors by a bundle, along its score axes, as `tailrec embed` gives them. */
import type { Bundle } from "../../bundle/bundle.ts";
import { createKeptEncoders } from "../../encoders/run/kept-encoders.ts";
import { alongAxes } from "../../hybrid/score-axes.ts";
import { rowOf } from "../../math/matrix.ts";
import type { RunContext } from "../../run-context.ts";
import { embedReadItems } from "../../serving/vectors/new-items.ts";
import { itemRows, withIds } from "../item-rows.ts";
import type { OpenedJob } from "../job.ts";
import { pictureFoldersOf } from "../picture-folders.ts";

export interface FeaturesRequest {
  readonly bundle: Bundle;
  /** Where relative paths of pictures start. */
  readonly imageFolder: string;
  readonly cacheFolder?: string;
}

/** Out: id, vector, uncertainty, caveats. */
export async function openFeatures(
  { bundle, imageFolder, cacheFolder }: FeaturesRequest,
  context: RunContext,
): Promise<OpenedJob> {
  const kept = createKeptEncoders();
  const { items } = bundle.manifest.config.data;
  const folders = pictureFoldersOf({ ...items, imageFolder, imageRoot: null }, ".");
  const embedding = { ...context, onProgress: undefined, kept };
  return {
    needs: [items.columns.id],
    columns: [
      { name: "id", type: "text" },
      { name: "vector", type: "vector" },
      { name: "uncertainty", type: "number" },
      { name: "caveats", type: "texts" },
    ],
    run: (rows) =>
      withIds(rows, items.columns.id, async (places) => {
        const read = itemRows(rows, places, items, folders);
        const { embeddings, caveats } = await embedReadItems(bundle, read, cacheFolder, embedding);
        const vectors = await alongAxes(embeddings.vectors, bundle.axes);
        return read.catalog.ids.map((id, row) => ({
          id,
          vector: rowOf(vectors, row),
          uncertainty: embeddings.uncertainty[row],
          caveats: caveats[row],
        }));
      }),
    close: () => kept.close(),
  };
}
