/**
 * What tuning may see: the interactions that every protocol of the pipeline leaves to training, at every seed. Whatever any of them
 * asks for later (a cold item, a user's last interaction, a warm-up item) is gone before the first trial.
 */
import type { Interactions } from "../../data/interactions.ts";
import { takeEntries } from "../../data/splits/split.ts";
import { type AskedProtocols, heldOutParts, type SplitData } from "../measurement/protocol-splits.ts";
import { type ProtocolExtensions, protocolsWith } from "../protocols/protocol-kinds.ts";

/** The same users x items without what the protocols hold out. Throws as the splits do. */
export function trainingSide(
  data: SplitData,
  evaluation: AskedProtocols,
  kinds: ProtocolExtensions = {},
): Interactions {
  const { interactions } = data;
  const asked = new Uint8Array(interactions.indices.length);
  for (const part of heldOutParts(data, evaluation, protocolsWith(kinds))) {
    markEntries(interactions, part, asked);
  }
  return takeEntries(interactions, asked, 0);
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
