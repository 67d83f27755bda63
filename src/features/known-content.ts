/** Whether features can know anything of the items of a catalog, before any is fitted: some item has what a block reads. */
import type { Catalog } from "../data/catalog.ts";
import type { BlockExtensions } from "./block-kinds.ts";
import { chooseBlocks, type FeatureOptionsInput } from "./feature-options.ts";

/** INVALID_OPTIONS, as `chooseBlocks`. */
export function asksForContent(catalog: Catalog, options: FeatureOptionsInput, own: BlockExtensions = {}): boolean {
  const { chosen } = chooseBlocks(options, own);
  return chosen.some(({ kind, options }) =>
    catalog.ids.some((_, row) => kind.hasInput?.(catalog, row, options) ?? true),
  );
}
