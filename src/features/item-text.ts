/** What an encoder, or the lexical block, reads of an item. */
import type { Catalog } from "../data/catalog.ts";

/** "title. description"; "" when both are missing. */
export function itemText(catalog: Catalog, row: number): string {
  return [catalog.titles[row].trim(), catalog.descriptions[row].trim()].filter((part) => part !== "").join(". ");
}

/** The text of every item. */
export function itemTexts(catalog: Catalog): string[] {
  return catalog.ids.map((_, row) => itemText(catalog, row));
}
