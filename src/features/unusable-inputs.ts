/** What of the catalog could not be used, in the words of its files: for the rejects file and for whoever asked for vectors. */
import type { Catalog } from "../data/catalog.ts";
import { isInlinePicture } from "../encoders/image/picture-source.ts";
import type { Quarantined } from "./encode-catalog.ts";

/** An item's text or picture that could not be used; the item is kept, without that block. */
export interface UnusableInput extends Pick<Quarantined, "block" | "code" | "reason"> {
  readonly item: string;
  /** Path or address of a picture that has one. */
  readonly file?: string;
}

export function unusableInputs({ ids, images }: Catalog, quarantine: readonly Quarantined[]): UnusableInput[] {
  return quarantine.map(({ row, block, code, reason }) => {
    const location = block === "image" ? (images[row] ?? undefined) : undefined;
    const file = location !== undefined && isInlinePicture(location) ? undefined : location;
    return { item: ids[row], block, file, code, reason };
  });
}
