/**
 * What may choose settings, and what tuning may see: the interactions that every protocol of the pipeline leaves to training, at every
 * seed. Whatever any of them asks for later (a cold item, a user's last interaction, a warm-up item) is gone before the first choice.
 */
import type { Interactions } from "../../data/interactions.ts";
import { takeEntries } from "../../data/splits/split.ts";
import type { ResolvedEmbeddingOptions } from "../../hybrid/embedding-options.ts";
import type { Protocol } from "./protocol.ts";
import { type AskedProtocols, heldOutParts, type SplitData } from "./protocol-splits.ts";

export interface CommonTraining {
  /** The same users x items without what the protocols hold out. */
  readonly train: Interactions;
  /** Which of a user's interactions an inner split holds out, to ask what the protocols ask: the latest where one of them does. */
  readonly order: ResolvedEmbeddingOptions["validation"]["warm"];
}

/** The side of all protocols that are asked for; everything where none is. Throws as the splits do. */
export function commonTraining(
  data: SplitData,
  evaluation: AskedProtocols,
  protocols: readonly Protocol[],
): CommonTraining {
  const { interactions } = data;
  const asked = new Uint8Array(interactions.indices.length);
  const parts = heldOutParts(data, evaluation, protocols);
  for (const { heldOut } of parts) markEntries(interactions, heldOut, asked);
  const isRandom = parts.length > 0 && parts.every(({ order }) => order === "random");
  return { train: takeEntries(interactions, asked, 0), order: isRandom ? "random" : "auto" };
}

/** The options whose validation holds out what the protocols hold out, unless they say themselves. */
export function validatingLike(
  order: CommonTraining["order"],
  embeddings: ResolvedEmbeddingOptions,
): ResolvedEmbeddingOptions {
  const { validation } = embeddings;
  return validation.warm === "auto" ? { ...embeddings, validation: { ...validation, warm: order } } : embeddings;
}

/** Flags the places of the entries that the part has too; both hold the columns of a row in ascending order. */
function markEntries(whole: Interactions, part: Interactions, flags: Uint8Array): void {
  for (let user = 0; user < whole.rows; user++) {
    const end = whole.indptr[user + 1];
    let p = whole.indptr[user];
    for (let q = part.indptr[user]; q < part.indptr[user + 1]; q++) {
      while (p < end && whole.indices[p] < part.indices[q]) p++;
      if (p < end && whole.indices[p] === part.indices[q]) flags[p] = 1;
    }
  }
}
