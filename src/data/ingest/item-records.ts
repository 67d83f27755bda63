/**
 * Items given as values instead of a file: the same reading of categories, numbers and prices as that of a file's cells, by the
 * attributes that the options name. A picture is a path, an http(s) address, a `data:` address or its bytes.
 */
import { resolve } from "node:path";
import { z } from "zod";
import { TailrecError } from "../../errors.ts";
import { nearestName, parseOptions } from "../../options.ts";
import type { Catalog } from "../catalog.ts";
import type { ParsedItemsOptions } from "./ingest-options.ts";
import { imagePath, readAttribute } from "./item-fields.ts";
import { type IngestReport, type MissingCell, summarise } from "./rejects.ts";
import type { Cell } from "./tables/raw-cells.ts";

const cell = z.union([z.string(), z.number(), z.array(z.string()).readonly()]);

export const itemRecordSchema = z.strictObject({
  id: z.string().min(1).describe("the item's id"),
  title: z.string().default(""),
  description: z.string().default(""),
  image: z
    .union([z.string(), z.instanceof(Uint8Array)])
    .nullable()
    .default(null)
    .describe("path in the picture folder, http(s) address, data: address, or the bytes of a picture"),
  attributes: z
    .record(z.string(), cell.nullable())
    .default({})
    .describe("categories, numbers and prices by their column"),
});

export type ItemRecord = z.input<typeof itemRecordSchema>;
type ParsedRecord = z.output<typeof itemRecordSchema>;

export interface RecordOptions extends Pick<ParsedItemsOptions, "attributes"> {
  /** Where relative picture paths start; pictures by path are refused without it. */
  readonly imageFolder?: string;
  /** Folder that picture paths may not leave; `imageFolder` when absent. */
  readonly imageRoot?: string;
}

/** What stands for the file's name in reports. */
const SOURCE = "the given items";

/**
 * A catalog of the records, in their order. INVALID_OPTIONS for a record of another shape, INVALID_ARGUMENT for an attribute that the
 * options do not name and for a path without a picture folder, DUPLICATE_ITEM, EMPTY_INPUT.
 */
export function catalogOfRecords(
  records: readonly ItemRecord[],
  options: RecordOptions,
): { readonly catalog: Catalog; readonly report: IngestReport } {
  if (records.length === 0) throw new TailrecError("EMPTY_INPUT", "expected at least one item, received none");
  const parsed = parseOptions(z.array(itemRecordSchema), records, "items");
  requireDistinct(parsed);
  requireKnownAttributes(parsed, options);
  const missingCells: MissingCell[] = [];
  const attributes = options.attributes.map((attribute) => {
    const { column } = attribute;
    const cells = parsed.map(({ attributes }) => cellOf(attributes[column]));
    return readAttribute(attribute, cells, (row, text, reason) => {
      const { id } = parsed[row];
      missingCells.push({ file: SOURCE, line: row + 1, reason, row: { id, [column]: text }, item: id, column });
    });
  });
  const catalog = {
    ids: parsed.map(({ id }) => id),
    titles: parsed.map(({ title }) => title),
    descriptions: parsed.map(({ description }) => description),
    ...picturesOf(parsed, options),
    attributes,
  };
  const items = { file: SOURCE, rows: parsed.length, rejected: 0 };
  const summary = summarise(missingCells);
  const nothing = { rejects: [], outliers: [], lostColumns: [], absentColumns: [], notes: [] };
  return { catalog, report: { items, ...nothing, missingCells, summary } };
}

function cellOf(value: ParsedRecord["attributes"][string] | undefined): Cell {
  if (value === undefined || value === null) return { texts: [], nested: null };
  return { texts: Array.isArray(value) ? value : [String(value)], nested: null };
}

const ADDRESS = /^(https?|data):/i;

function picturesOf(
  records: readonly ParsedRecord[],
  { imageFolder, imageRoot = imageFolder }: RecordOptions,
): Pick<Catalog, "images" | "imageRoot"> {
  const images = records.map(({ id, image }) => {
    if (image === null) return null;
    if (typeof image !== "string") return `data:;base64,${Buffer.from(image).toString("base64")}`;
    if (ADDRESS.test(image)) return image;
    if (imageFolder !== undefined) return imagePath(image, resolve(imageFolder));
    const message = `item "${id}": expected the bytes or the address of a picture, received a path; name imageFolder to allow paths`;
    throw new TailrecError("INVALID_ARGUMENT", message);
  });
  return imageRoot === undefined ? { images } : { images, imageRoot: resolve(imageRoot) };
}

function requireDistinct(records: readonly ParsedRecord[]): void {
  const places = new Map<string, number>();
  for (const [place, { id }] of records.entries()) {
    const first = places.get(id);
    if (first !== undefined) {
      const message = `the given items repeat the id "${id}" (items ${first + 1} and ${place + 1}); keep one`;
      throw new TailrecError("DUPLICATE_ITEM", message);
    }
    places.set(id, place);
  }
}

/** A misspelt name must not pass for a missing value. */
function requireKnownAttributes(records: readonly ParsedRecord[], { attributes }: RecordOptions): void {
  const names = attributes.map(({ column }) => column);
  for (const { id, attributes: given } of records) {
    const unknown = Object.keys(given).find((name) => !names.includes(name));
    if (unknown === undefined) continue;
    const near = nearestName(unknown, names);
    const remedy = near === undefined ? `known: ${names.join(", ") || "none"}` : `did you mean "${near}"?`;
    throw new TailrecError("INVALID_ARGUMENT", `item "${id}": no attribute "${unknown}"; ${remedy}`);
  }
}
