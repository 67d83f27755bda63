/** What of the catalog could not be used, in the words of its files: for the rejects file and for whoever asked for vectors. */
import type { Catalog } from "../data/catalog.ts";
import type { Quarantined } from "./encode-catalog.ts";

/** An item's text or picture that could not be used; the item is kept, without that block. */
export interface UnusableInput extends Omit<Quarantined, "row"> {
  readonly item: string;
}

export function unusableInputs({ ids }: Catalog, quarantine: readonly Quarantined[]): UnusableInput[] {
  return quarantine.map(({ row, block, file, code, reason }) => ({ item: ids[row], block, file, code, reason }));
}
