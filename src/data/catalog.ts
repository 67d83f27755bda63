/** The items of a shop as columns: row i of every array is item i everywhere in tailrec. */

export interface CategoryAttribute {
  readonly name: string;
  readonly kind: "category";
  /** The item's categories, none to several. */
  readonly values: readonly (readonly string[])[];
}

export interface NumberAttribute {
  readonly name: string;
  /** "price" is encoded on a log scale. */
  readonly kind: "number" | "price";
  /** NaN where missing. */
  readonly values: Float64Array;
}

export type Attribute = CategoryAttribute | NumberAttribute;

/** The values of the given rows, missing for undefined ones. */
export function attributeOfRows(attribute: Attribute, rows: readonly (number | undefined)[]): Attribute {
  if (attribute.kind === "category") {
    return { ...attribute, values: rows.map((row) => (row === undefined ? [] : attribute.values[row])) };
  }
  const values = Float64Array.from(rows, (row) => (row === undefined ? Number.NaN : attribute.values[row]));
  return { ...attribute, values };
}

export interface Catalog {
  readonly ids: readonly string[];
  /** "" where missing. */
  readonly titles: readonly string[];
  /** "" where missing. */
  readonly descriptions: readonly string[];
  /** Absolute paths, http(s) addresses, or `data:` addresses with the bytes; null where missing. */
  readonly images: readonly (string | null)[];
  /** The folder that picture files may not leave. Absent: the program named the paths itself, any is read. */
  readonly imageRoot?: string;
  readonly attributes: readonly Attribute[];
}

/** The items at the given rows, in the given order. */
export function takeCatalogRows(catalog: Catalog, rows: readonly number[]): Catalog {
  return {
    ...catalog,
    ids: rows.map((row) => catalog.ids[row]),
    titles: rows.map((row) => catalog.titles[row]),
    descriptions: rows.map((row) => catalog.descriptions[row]),
    images: rows.map((row) => catalog.images[row]),
    attributes: catalog.attributes.map((attribute) => attributeOfRows(attribute, rows)),
  };
}

/** The later catalog's items at the given rows of the earlier one: known rows are replaced, the others follow. */
export function mergeCatalogs(before: Catalog, later: Catalog, rows: readonly number[]): Catalog {
  return {
    ids: replaced(before.ids, later.ids, rows),
    titles: replaced(before.titles, later.titles, rows),
    descriptions: replaced(before.descriptions, later.descriptions, rows),
    images: replaced(before.images, later.images, rows),
    attributes: before.attributes.map((attribute, a) => mergeAttributes(attribute, later.attributes[a], rows)),
  };
}

function mergeAttributes(before: Attribute, later: Attribute, rows: readonly number[]): Attribute {
  if (before.kind === "category" && later.kind === "category") {
    return { ...before, values: replaced(before.values, later.values, rows) };
  }
  const numbers = ({ kind, values }: Attribute) => (kind === "category" ? [] : Array.from(values));
  const values = Float64Array.from(replaced(numbers(before), numbers(later), rows));
  return { name: before.name, kind: before.kind === "price" ? "price" : "number", values };
}

function replaced<T>(before: readonly T[], later: readonly T[], rows: readonly number[]): T[] {
  const merged = [...before];
  for (const [i, row] of rows.entries()) merged[row] = later[i];
  return merged;
}
