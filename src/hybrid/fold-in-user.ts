/** A user or session that was not there in training, from the items it took: equation 2 against the served vectors. */
import type { BackendContext } from "../als/half-sweep.ts";
import type { Attribute } from "../data/catalog.ts";
import type { Interactions } from "../data/interactions.ts";
import { TailrecError } from "../errors.ts";
import type { HybridModel } from "./hybrid.ts";
import { solveUsers } from "./user-prior.ts";
import { embedUsers } from "./users.ts";

export interface FoldInContext extends BackendContext {
  /** What is known of the user: attributes of one row, by the names of the users file. Without a user prior in the model they tell nothing. */
  readonly attributes?: readonly Attribute[];
}

/**
 * The user's vector (k + channel) from item rows in the order in which they were taken, the latest last; each counts once. A model
 * with a user prior needs no item.
 */
export async function foldInUser(
  model: Pick<HybridModel, "als" | "embeddings" | "settings" | "userPrior">,
  items: readonly number[],
  context: FoldInContext = {},
): Promise<Float32Array> {
  const { als, embeddings, settings, userPrior } = model;
  const place = new Map(items.map((item, i) => [item, i]));
  const indices = Uint32Array.from(place.keys()).sort();
  const { attributes } = context;
  const isPredicted = userPrior !== undefined && attributes !== undefined;
  if (indices.length === 0 && !isPredicted)
    throw new TailrecError("INVALID_ARGUMENT", "expected at least one item to fold in, received none");
  const row: Interactions = {
    rows: 1,
    columns: embeddings.vectors.rows,
    indptr: Uint32Array.of(0, indices.length),
    indices,
    values: new Float32Array(indices.length).fill(1),
    times: Float64Array.from(indices, (item) => place.get(item) ?? 0),
  };
  const { vectors } = embeddings;
  if (!isPredicted) return (await embedUsers(row, vectors, als, settings, context)).values;
  const posterior = { interactions: row, attributes, vectors, als, prior: userPrior, settings };
  return (await solveUsers(posterior, context)).values;
}
