/** A user or session that was not there in training, from the items it took: equation 2 against the served vectors. */
import type { Interactions } from "../data/interactions.ts";
import { TailrecError } from "../errors.ts";
import { embedUsers } from "./embed-items.ts";
import type { HybridModel } from "./hybrid.ts";
import type { EmbeddingContext } from "./joint-training.ts";

/** The user's vector (k + channel) from item rows in the order in which they were taken, the latest last; each counts once. */
export async function foldInUser(
  { als, embeddings, settings }: Pick<HybridModel, "als" | "embeddings" | "settings">,
  items: readonly number[],
  context: EmbeddingContext = {},
): Promise<Float32Array> {
  const place = new Map(items.map((item, i) => [item, i]));
  const indices = Uint32Array.from(place.keys()).sort();
  if (indices.length === 0)
    throw new TailrecError("INVALID_ARGUMENT", "expected at least one item to fold in, received none");
  const row: Interactions = {
    rows: 1,
    columns: embeddings.vectors.rows,
    indptr: Uint32Array.of(0, indices.length),
    indices,
    values: new Float32Array(indices.length).fill(1),
    times: Float64Array.from(indices, (item) => place.get(item) ?? 0),
  };
  return (await embedUsers(row, embeddings.vectors, als, settings, context)).values;
}
