/**
 * A filter as a flag per item. A missing number satisfies no comparison; a category satisfies a value that it has among others. What a
 * filter names must be there: an unknown attribute is an error, a value that no item has is a note.
 */
import type { Attribute, Catalog } from "../data/catalog.ts";
import { attributeNamed, refused, suggestion, unusedValues } from "./attributes.ts";
import type { Comparison, Filter, Scalar } from "./filter-language.ts";

export interface FilterMask {
  /** n flags. */
  readonly flags: Uint8Array;
  readonly notes: readonly string[];
}

/** INVALID_OPTIONS for an attribute that the items do not have, and for a comparison of what is no number. */
export function filterMask(filter: Filter, catalog: Catalog, rule: string): FilterMask {
  const notes: string[] = [];
  const flags = flagsOf(filter, catalog, rule, notes);
  return { flags, notes: [...new Set(notes)] };
}

function flagsOf(filter: Filter, catalog: Catalog, rule: string, notes: string[]): Uint8Array {
  const rows = catalog.ids.length;
  switch (filter.of) {
    case "and":
    case "or": {
      const parts = filter.parts.map((part) => flagsOf(part, catalog, rule, notes));
      const wanted = filter.of === "and" ? parts.length : 1;
      return flagsWhere(rows, (row) => parts.reduce((held, flags) => held + flags[row], 0) >= wanted);
    }
    case "not":
      return flagsOf(filter.part, catalog, rule, notes).map((flag) => 1 - flag);
    case "values":
      return valueFlags(filter.attribute, filter.values, catalog, rule, notes);
    case "number": {
      const values = comparable(attributeNamed(catalog, filter.attribute, rule), filter, rule);
      return flagsWhere(rows, (row) => compares(values[row], filter.operator, filter.limit));
    }
    case "exists": {
      const attribute = attributeNamed(catalog, filter.attribute, rule);
      return flagsWhere(rows, (row) => hasValue(attribute, row));
    }
  }
}

/** The ids of the catalog, under a name that no attribute has. */
const ID = "id";

function valueFlags(
  name: string,
  values: readonly Scalar[],
  catalog: Catalog,
  rule: string,
  notes: string[],
): Uint8Array {
  const rows = catalog.ids.length;
  const isId = name === ID && catalog.attributes.every((attribute) => attribute.name !== ID);
  const texts = new Set(values.map(String));
  if (isId) {
    const known = new Set(catalog.ids);
    const unknown = [...texts].filter((id) => !known.has(id));
    notes.push(...unknown.map((id) => `no item has the id "${id}"; ${suggestion(id, catalog.ids)}`));
    return flagsWhere(rows, (row) => texts.has(catalog.ids[row]));
  }
  const attribute = attributeNamed(catalog, name, rule);
  if (attribute.kind === "category") {
    notes.push(...unusedValues(attribute, [...texts]));
    return flagsWhere(rows, (row) => attribute.values[row].some((value) => texts.has(value)));
  }
  const numbers = new Set(values.map((value) => numberOf(value, name, rule)));
  return flagsWhere(rows, (row) => numbers.has(attribute.values[row]));
}

function numberOf(value: Scalar, name: string, rule: string): number {
  const number = typeof value === "string" && value.trim() === "" ? Number.NaN : Number(value);
  if (Number.isFinite(number)) return number;
  throw refused(rule, `expected a number for "${name}", received ${JSON.stringify(value)}`);
}

function comparable(attribute: Attribute, { operator }: { readonly operator: string }, rule: string): Float64Array {
  if (attribute.kind !== "category") return attribute.values;
  const message = `${operator} compares numbers, and "${attribute.name}" is a category; use $in, or map it as a number`;
  throw refused(rule, message);
}

function compares(value: number, operator: Comparison, limit: number): boolean {
  switch (operator) {
    case "$gt":
      return value > limit;
    case "$gte":
      return value >= limit;
    case "$lt":
      return value < limit;
    case "$lte":
      return value <= limit;
  }
}

function hasValue(attribute: Attribute, row: number): boolean {
  return attribute.kind === "category" ? attribute.values[row].length > 0 : Number.isFinite(attribute.values[row]);
}

function flagsWhere(rows: number, holds: (row: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: rows }, (_, row) => Number(holds(row)));
}
