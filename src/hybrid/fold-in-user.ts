/** A user or session that was not there in training, from the items it took: equation 2 against the served vectors. */
import type { BackendContext } from "../als/half-sweep.ts";
import type { Attribute } from "../data/catalog.ts";
import type { Interactions } from "../data/interactions.ts";
import { TailrecError } from "../errors.ts";
import { createUserSolver, type UserSolver, type UserSolverModel } from "./user-solver.ts";

export interface FoldInContext extends BackendContext {
  /** What is known of the user: attributes of one row, by the names of the users file. Without a user prior in the model they tell nothing. */
  readonly attributes?: readonly Attribute[];
  /** Prepared for the model, where several users are folded in. */
  readonly solver?: UserSolver;
}

/**
 * The user's vector (k + channel) from item rows in the order in which they were taken, the latest last; each counts once. A model
 * with a user prior needs no item.
 */
export async function foldInUser(
  model: UserSolverModel,
  items: readonly number[],
  context: FoldInContext = {},
): Promise<Float32Array> {
  const { embeddings, userPrior } = model;
  const place = new Map(items.map((item, i) => [item, i]));
  const indices = Uint32Array.from(place.keys()).sort();
  const { attributes } = context;
  const isPredicted = userPrior !== undefined && attributes !== undefined;
  if (indices.length === 0 && !isPredicted)
    throw new TailrecError("INVALID_ARGUMENT", "expected at least one item to fold in, received none");
  const unknown = indices.find((item) => !(item < embeddings.vectors.rows));
  if (unknown !== undefined)
    throw new TailrecError(
      "INVALID_ARGUMENT",
      `expected item rows from 0 to ${embeddings.vectors.rows - 1}, received ${unknown}`,
    );
  const row: Interactions = {
    rows: 1,
    columns: embeddings.vectors.rows,
    indptr: Uint32Array.of(0, indices.length),
    indices,
    values: new Float32Array(indices.length).fill(1),
    times: Float64Array.from(indices, (item) => place.get(item) ?? 0),
  };
  const solver = context.solver ?? createUserSolver(model);
  return solver.solve(row, isPredicted ? attributes : undefined, context);
}
