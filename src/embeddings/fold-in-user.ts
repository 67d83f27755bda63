/** A user or session that was not there in training, from the items it took: equation 2 against the served vectors. */
import { TailrecError } from "../errors.ts";
import type { SparseMatrix } from "../math/matrix.ts";
import { embedUsers } from "./embed-items.ts";
import type { HybridModel } from "./hybrid.ts";
import type { EmbeddingContext } from "./joint-training.ts";

/** The user's vector (k + channel) from distinct item rows, each with weight 1. */
export async function foldInUser(
  { als, embeddings, settings }: Pick<HybridModel, "als" | "embeddings" | "settings">,
  items: readonly number[],
  context: EmbeddingContext = {},
): Promise<Float32Array> {
  const indices = Uint32Array.from(new Set(items)).sort();
  if (indices.length === 0)
    throw new TailrecError("INVALID_ARGUMENT", "expected at least one item to fold in, received none");
  const row: SparseMatrix = {
    rows: 1,
    columns: embeddings.vectors.rows,
    indptr: Uint32Array.of(0, indices.length),
    indices,
    values: new Float32Array(indices.length).fill(1),
  };
  return (await embedUsers(row, embeddings.vectors, als, settings.userNormExponent, context)).values;
}
