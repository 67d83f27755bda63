/** Attributes that rules name, found in the catalog or refused with the nearest name. */
import type { Attribute, Catalog, CategoryAttribute, NumberAttribute } from "../data/catalog.ts";
import { TailrecError } from "../errors.ts";
import { nearestName } from "../options.ts";

/** INVALID_OPTIONS where the items have no such attribute. */
export function attributeNamed({ attributes }: Catalog, name: string, rule: string): Attribute {
  const found = attributes.find((attribute) => attribute.name === name);
  if (found !== undefined) return found;
  const names = attributes.map((attribute) => attribute.name);
  throw refused(rule, `no item attribute "${name}"; ${suggestion(name, names)}`);
}

/** INVALID_OPTIONS where it is absent, or a number. */
export function categoryNamed(catalog: Catalog, name: string, rule: string): CategoryAttribute {
  const attribute = attributeNamed(catalog, name, rule);
  if (attribute.kind === "category") return attribute;
  throw refused(rule, `expected a category, received "${name}", which is a ${attribute.kind}`);
}

/** INVALID_OPTIONS where it is absent, or a category. */
export function numberNamed(catalog: Catalog, name: string, rule: string): NumberAttribute {
  const attribute = attributeNamed(catalog, name, rule);
  if (attribute.kind !== "category") return attribute;
  throw refused(rule, `expected a number or a price, received "${name}", which is a category`);
}

/** The values of a category attribute, each once. */
export function levelsOf({ values }: CategoryAttribute): ReadonlySet<string> {
  return new Set(values.flat());
}

/** Notes on values that no item has, with the nearest that some have. */
export function unusedValues(attribute: CategoryAttribute, values: readonly string[]): string[] {
  const levels = levelsOf(attribute);
  return values
    .filter((value) => !levels.has(value))
    .map((value) => `no item has ${attribute.name} "${value}"; ${suggestion(value, [...levels])}`);
}

export function suggestion(name: string, known: readonly string[]): string {
  const near = nearestName(name, known);
  if (near !== undefined) return `did you mean "${near}"?`;
  return known.length === 0 ? "the catalog has none" : `known: ${known.slice(0, 10).join(", ")}`;
}

export function refused(rule: string, message: string): TailrecError {
  return new TailrecError("INVALID_OPTIONS", `rules: ${rule}: ${message}`);
}

/** 1 for the rows of which it holds. */
export function flagsWhere(rows: number, holds: (row: number) => boolean): Uint8Array {
  const flags = new Uint8Array(rows);
  for (let row = 0; row < rows; row++) if (holds(row)) flags[row] = 1;
  return flags;
}

/** 1 where every one of the flags is. */
export function allOf([first, ...others]: readonly Uint8Array[]): Uint8Array {
  if (others.length === 0) return first;
  const all = first.slice();
  for (const flags of others) for (let row = 0; row < all.length; row++) all[row] &= flags[row];
  return all;
}
