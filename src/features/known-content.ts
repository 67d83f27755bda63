/**
 * Whether features can know anything of the items of a catalog, before any is fitted: some block is asked for, and some item has a text,
 * a picture or an attribute. A block of one's own may know items from elsewhere.
 */
import type { Attribute, Catalog } from "../data/catalog.ts";
import { type BlockExtensions, ownBlockKinds } from "./block-kinds.ts";
import { chooseBlocks, type FeatureOptionsInput } from "./feature-options.ts";

/** INVALID_OPTIONS, as `chooseBlocks`. */
export function asksForContent(catalog: Catalog, options: FeatureOptionsInput, own: BlockExtensions = {}): boolean {
  const kinds = chooseBlocks(options, own).chosen.map(({ kind }) => kind);
  return ownBlockKinds(kinds).length > 0 || (kinds.length > 0 && isDescribed(catalog));
}

function isDescribed({ titles, descriptions, images, attributes }: Catalog): boolean {
  const isSaid = (value: string | null) => value !== null && value !== "";
  return titles.some(isSaid) || descriptions.some(isSaid) || images.some(isSaid) || attributes.some(isFilled);
}

function isFilled({ kind, values }: Attribute): boolean {
  return kind === "category"
    ? values.some((levels) => levels.length > 0)
    : values.some((value) => !Number.isNaN(value));
}
