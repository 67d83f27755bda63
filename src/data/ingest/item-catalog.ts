/** The mapped cells of items to a Catalog, row for row, whatever they were read from. */
import type { Catalog } from "../catalog.ts";
import type { ParsedItemsOptions } from "./ingest-options.ts";
import { imagePath, joinCells, type NoteMissing, readAttribute } from "./item-fields.ts";
import type { Cells } from "./tables/raw-cells.ts";

export interface PictureFolders {
  /** Where relative paths start. */
  readonly imageFolder: string;
  /** What no path may leave. */
  readonly imageRoot: string;
}

export interface ItemCells {
  readonly ids: readonly string[];
  /** By the column's name in the source; a column that is not there is missing in every item. */
  readonly cells: ReadonlyMap<string, Cells>;
}

/** `noteMissing` is told, by column, of every filled cell that cannot be read. */
export function createCatalog(
  { ids, cells }: ItemCells,
  { columns, attributes }: Pick<ParsedItemsOptions, "columns" | "attributes">,
  { imageFolder, imageRoot }: PictureFolders,
  noteMissing: (column: string) => NoteMissing,
): Catalog {
  const cellsOf = (name: string): Cells => cells.get(name) ?? ids.map(() => ({ texts: [], nested: null }));
  const pictures = columns.image === null ? [] : cellsOf(columns.image);
  return {
    ids,
    titles: joinCells(listOf(columns.title).map(cellsOf), ids.length, " "),
    descriptions: joinCells(listOf(columns.description).map(cellsOf), ids.length, "\n"),
    images: ids.map((_, row) => imagePath(pictures[row]?.texts[0], imageFolder)),
    imageRoot,
    attributes: attributes.map((attribute) =>
      readAttribute(attribute, cellsOf(attribute.column), noteMissing(attribute.column)),
    ),
  };
}

/** The columns that the options map, the id's apart, each once. */
export function mappedNames({ columns, attributes }: Pick<ParsedItemsOptions, "columns" | "attributes">): string[] {
  const named = [columns.title, columns.description, columns.image].flatMap(listOf);
  return [...new Set([...named, ...attributes.map(({ column }) => column)])];
}

function listOf(names: string | readonly string[] | null): readonly string[] {
  if (names === null) return [];
  return typeof names === "string" ? [names] : names;
}
