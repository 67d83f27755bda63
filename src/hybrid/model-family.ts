/**
 * The family of models that settings choose from: one trained joint model, served at any settings. What no setting touches is
 * computed once, and the posterior is solved only when the strength of the prior is another than last time.
 */
import type { AlsModel } from "../als/als.ts";
import type { BackendContext } from "../als/half-sweep.ts";
import type { Interactions } from "../data/interactions.ts";
import type { Matrix } from "../math/matrix.ts";
import type { ItemSettings, UserSettings } from "./defaults.ts";
import { type EmbeddingData, type EmbeddingParts, type PartsOptions, sharedParts, solvePartsAt } from "./item-parts.ts";
import { assembleItems, type EmbeddedItems } from "./items.ts";
import { embedUsers } from "./users.ts";

export interface ModelFamily {
  readonly als: AlsModel;
  /** Items at given settings: n x d. */
  items(settings: ItemSettings): Promise<EmbeddedItems>;
  /** Users (rows of interactions with the n items) against served vectors: users x d. */
  users(rows: Interactions, vectors: Matrix, settings: UserSettings): Promise<Matrix>;
}

/** Prepares what every member shares. */
export async function createFamily(
  data: EmbeddingData,
  options: PartsOptions,
  context: BackendContext,
): Promise<ModelFamily> {
  const shared = await sharedParts(data, options, context);
  let last: { readonly strength: number; readonly parts: EmbeddingParts } | undefined;
  const partsAt = async (strength: number): Promise<EmbeddingParts> => {
    if (last?.strength !== strength) last = { strength, parts: await solvePartsAt(shared, strength, context) };
    return last.parts;
  };
  return {
    als: data.als,
    items: async (settings) => assembleItems(await partsAt(settings.priorStrength), settings, context),
    users: (rows, vectors, settings) => embedUsers(rows, vectors, data.als, settings, context),
  };
}
