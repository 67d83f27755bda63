/** What the mapped cells of an item mean: titles, descriptions, pictures, attributes. */
import { resolve } from "node:path";
import type { Attribute } from "../catalog.ts";
import { type NumberProblem, readNumbers } from "./cells/number-text.ts";
import type { ParsedItemsOptions } from "./ingest-options.ts";
import { nestedCategories, nestedTexts, writtenList } from "./json/nested-values.ts";
import type { Cell, Cells } from "./tables/raw-cells.ts";

/** Told of a cell that is read as missing, in all or in part. */
export type NoteMissing = (row: number, text: string, reason: string) => void;

/** Columns joined: the texts of one cell by ", ", the filled cells of one item by `glue`. */
export function joinCells(columns: readonly Cells[], rows: number, glue: string): string[] {
  return Array.from({ length: rows }, (_, row) => {
    const texts = columns.map((cells) =>
      textsOf(cells[row])
        .filter((text) => text !== "")
        .join(", "),
    );
    return texts.filter((text) => text !== "").join(glue);
  });
}

function textsOf({ texts, nested }: Cell): readonly string[] {
  return nested === null ? texts : nestedTexts(nested);
}

const WEB_ADDRESS = /^https?:\/\//i;

/** An absolute path, or an http(s) address as it is; null where there is none. */
export function imagePath(text: string | undefined, folder: string): string | null {
  const path = text?.trim() ?? "";
  if (path === "") return null;
  return WEB_ADDRESS.test(path) ? path : resolve(folder, path);
}

/** `noteMissing` is told of every cell that is not empty and cannot be read. */
export function readAttribute(
  { column: name, kind, separator }: ParsedItemsOptions["attributes"][number],
  cells: Cells,
  noteMissing: NoteMissing,
): Attribute {
  if (kind !== "category") return { name, kind, values: readNumberCells(cells, kind, name, noteMissing) };
  const values = cells.map((cell, row) => {
    const { categories, objects } = readCategories(cell, separator);
    if (objects !== undefined) noteMissing(row, objects, objectReason(name));
    return categories;
  });
  return { name, kind, values };
}

function readNumberCells(cells: Cells, kind: "number" | "price", name: string, noteMissing: NoteMissing): Float64Array {
  const texts = cells.map((cell) => textsOf(cell).join(", ").trim());
  return Float64Array.from(readNumbers(texts, kind), (value, row) => {
    const problem = typeof value === "string" ? value : kind === "price" && value < 0 ? "negative" : undefined;
    if (problem === undefined) return Number(value);
    noteMissing(row, texts[row], numberReason(problem, kind, name));
    return Number.NaN;
  });
}

function numberReason(problem: NumberProblem | "negative", kind: "number" | "price", name: string): string {
  if (problem === "other currency") return `${kind} in "${name}" in another currency than most, read as missing`;
  return `${problem} ${kind} in "${name}", read as missing`;
}

function objectReason(name: string): string {
  return `object in "${name}", read as missing; map one of its keys, as "${name}.name"`;
}

interface Categories {
  readonly categories: string[];
  /** JSON of the cell where objects in it were left out. */
  readonly objects?: string;
}

function readCategories({ texts, nested }: Cell, separator: string | null): Categories {
  if (nested !== null) return categoriesIn(nested);
  if (separator !== null) return { categories: distinct(texts.flatMap((text) => text.split(separator))) };
  const [text] = texts;
  const list = texts.length === 1 ? writtenList(text) : undefined;
  return list === undefined ? { categories: distinct(texts) } : categoriesIn(list);
}

function categoriesIn(json: string): Categories {
  const { paths, hasObjects } = nestedCategories(json);
  return { categories: distinct(paths), ...(hasObjects && { objects: json }) };
}

function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts.map((text) => text.trim()).filter((text) => text !== ""))];
}
