/** What the mapped cells of an item mean: titles, descriptions, pictures, attributes. A cell is a list of texts. */
import { resolve } from "node:path";
import type { Attribute } from "../catalog.ts";
import type { ParsedItemsOptions } from "./ingest-options.ts";

/** Cells of one mapped column, a row an item. */
export type Cells = readonly (readonly string[])[];

/** Told of a cell that is read as missing. */
export type NoteMissing = (row: number, column: string, text: string, reason: string) => void;

/** Columns joined: the texts of one cell by ", ", the filled cells of one item by `glue`. */
export function joinCells(columns: readonly Cells[], rows: number, glue: string): string[] {
  return Array.from({ length: rows }, (_, row) => {
    const texts = columns.map((cells) => cells[row].filter((text) => text !== "").join(", "));
    return texts.filter((text) => text !== "").join(glue);
  });
}

const WEB_ADDRESS = /^https?:\/\//i;

/** Absolute paths, and http(s) addresses as they are; null where there is none. */
export function imagePaths(cells: Cells | undefined, rows: number, folder: string): (string | null)[] {
  return Array.from({ length: rows }, (_, row) => {
    const path = cells?.[row][0]?.trim() ?? "";
    if (path === "") return null;
    return WEB_ADDRESS.test(path) ? path : resolve(folder, path);
  });
}

export function readAttribute(
  { column: name, kind, separator }: ParsedItemsOptions["attributes"][number],
  cells: Cells,
  noteMissing: NoteMissing,
): Attribute {
  if (kind === "category") return { name, kind, values: cells.map((texts) => categoriesOf(texts, separator)) };
  const values = Float64Array.from(cells, (texts, row) => {
    const text = texts.join(", ").trim();
    const value = text === "" ? Number.NaN : Number(text);
    const valid = Number.isFinite(value) && (kind === "number" || value >= 0);
    if (text !== "" && !valid) noteMissing(row, name, text, `unparsable ${kind} in "${name}", read as missing`);
    return valid ? value : Number.NaN;
  });
  return { name, kind, values };
}

function categoriesOf(texts: readonly string[], separator: string | null): string[] {
  const parts = separator === null ? texts : texts.flatMap((text) => text.split(separator));
  return [...new Set(parts.map((part) => part.trim()).filter((part) => part !== ""))];
}
