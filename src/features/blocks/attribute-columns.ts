/**
 * The attribute block: numbers and log prices as z-scores of the training items, one column for every category level seen often
 * enough there, and if asked for one for all rarer ones and one for a missing number. A level of a path ("Tools > Saws > Blades")
 * stands for itself and for each level above it. An item has the block when it has a value of one of these attributes, known or not.
 */

import type { BlockValues } from "../../data/block-values.ts";
import type { Attribute, Catalog, CategoryAttribute, NumberAttribute } from "../../data/catalog.ts";
import { zeros } from "../../math/matrix.ts";
import { mean, standardDeviation } from "../../math/statistics.ts";

export interface NumberSpace {
  readonly name: string;
  readonly kind: "number" | "price";
  readonly mean: number;
  /** 1 where the training values do not vary. */
  readonly deviation: number;
  /** Whether a column says that the number is missing. */
  readonly missing: boolean;
}

export interface CategorySpace {
  readonly name: string;
  readonly kind: "category";
  /** Levels in column order, sorted. */
  readonly levels: readonly string[];
  /** Whether a last column stands for values of which no level is kept. */
  readonly pooled: boolean;
}

export type AttributeSpace = NumberSpace | CategorySpace;

export interface AttributeOptions {
  readonly minimumCount: number;
  readonly maximumLevels: number;
  readonly poolRare: boolean;
  readonly missingNumbers: "mean" | "column";
}

const PATH_SEPARATOR = " > ";

/** Whether an item has a value of any attribute. */
export function hasAttribute({ attributes }: Catalog, row: number): boolean {
  return attributes.some((attribute) =>
    attribute.kind === "category"
      ? attribute.values[row].length > 0
      : Number.isFinite(scaled(attribute.kind, attribute.values[row])),
  );
}

/** Fits one space an attribute on the items at `rows`; attributes that tell nothing there are left out. */
export function fitAttributes(catalog: Catalog, rows: ArrayLike<number>, options: AttributeOptions): AttributeSpace[] {
  return catalog.attributes.flatMap((attribute): AttributeSpace[] => {
    return attribute.kind === "category" ? fitCategory(attribute, rows, options) : fitNumber(attribute, rows, options);
  });
}

function fitCategory(
  attribute: CategoryAttribute,
  rows: ArrayLike<number>,
  options: AttributeOptions,
): CategorySpace[] {
  const levels = frequentLevels(attribute, rows, options);
  const kept = new Set(levels);
  const rare = Array.from(rows).filter((row) => isRare(attribute.values[row], kept)).length;
  const pooled = options.poolRare && rare >= options.minimumCount;
  return levels.length === 0 && !pooled ? [] : [{ name: attribute.name, kind: "category", levels, pooled }];
}

/** Whether one of the values has no level that is kept. */
function isRare(values: readonly string[], kept: ReadonlySet<string>): boolean {
  return values.some((value) => ![...levelsOf([value])].some((level) => kept.has(level)));
}

/** Whether training has seen a category: a path such as "Tools > Saws" is known as soon as its first level is. */
export function isKnownCategory({ levels }: CategorySpace, value: string): boolean {
  return isKnownLevel(levels, value);
}

export function isKnownLevel(levels: readonly string[], value: string): boolean {
  return levels.includes(value) || levels.includes(value.split(PATH_SEPARATOR)[0]);
}

/** Columns of the block, in the order of `spaces`. */
export function attributeDimension(spaces: readonly AttributeSpace[]): number {
  return spaces.reduce((sum, space) => sum + widthOf(space), 0);
}

/** Encodes a catalog; attributes are matched by name and kind, those it lacks and levels that are not known give nothing. */
export function applyAttributes(spaces: readonly AttributeSpace[], catalog: Catalog): BlockValues {
  const vectors = zeros(catalog.ids.length, attributeDimension(spaces));
  const presence = new Uint8Array(catalog.ids.length);
  let offset = 0;
  for (const space of spaces) {
    const attribute = catalog.attributes.find(({ name }) => name === space.name);
    if (attribute !== undefined) writeAttribute(space, attribute, offset, { vectors, presence });
    offset += widthOf(space);
  }
  return { vectors, presence };
}

function widthOf(space: AttributeSpace): number {
  if (space.kind === "category") return space.levels.length + (space.pooled ? 1 : 0);
  return space.missing ? 2 : 1;
}

function fitNumber(attribute: NumberAttribute, rows: ArrayLike<number>, options: AttributeOptions): NumberSpace[] {
  const known = Array.from(rows, (row) => scaled(attribute.kind, attribute.values[row])).filter(Number.isFinite);
  if (known.length === 0) return [];
  const deviation = known.length < 2 ? 0 : standardDeviation(known);
  const missing = options.missingNumbers === "column" && rows.length - known.length >= options.minimumCount;
  const { name, kind } = attribute;
  return [{ name, kind, mean: mean(known), deviation: deviation > 0 ? deviation : 1, missing }];
}

/** Prices span magnitudes, so ratios count: ln(1 + price); one below 0 counts as missing. */
export function scaled(kind: "number" | "price", value: number): number {
  if (kind === "number") return value;
  return value >= 0 ? Math.log1p(value) : Number.NaN;
}

function frequentLevels(attribute: CategoryAttribute, rows: ArrayLike<number>, options: AttributeOptions): string[] {
  const counts = new Map<string, number>();
  for (const row of Array.from(rows)) {
    for (const level of levelsOf(attribute.values[row])) counts.set(level, (counts.get(level) ?? 0) + 1);
  }
  return [...counts]
    .filter(([, count]) => count >= options.minimumCount)
    .sort(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1))
    .slice(0, options.maximumLevels)
    .map(([level]) => level)
    .sort();
}

/** The distinct levels of an item, the upper levels of paths included. */
export function levelsOf(values: readonly string[]): Set<string> {
  const levels = new Set<string>();
  for (const value of values) {
    // Most levels are no path. The text itself then: its hash is known, a copy's is not.
    if (!value.includes(PATH_SEPARATOR)) {
      levels.add(value);
      continue;
    }
    const steps = value.split(PATH_SEPARATOR);
    for (let depth = 1; depth <= steps.length; depth++) levels.add(steps.slice(0, depth).join(PATH_SEPARATOR));
  }
  return levels;
}

function writeAttribute(space: AttributeSpace, attribute: Attribute, offset: number, block: BlockValues): void {
  if (space.kind === "category") {
    if (attribute.kind === "category") writeLevels(space, attribute, offset, block);
  } else if (attribute.kind === space.kind) {
    writeNumbers(space, attribute, offset, block);
  }
}

function writeLevels(space: CategorySpace, attribute: CategoryAttribute, offset: number, block: BlockValues): void {
  const columns = new Map(space.levels.map((level, j) => [level, offset + j]));
  const { vectors, presence } = block;
  const kept = new Set(space.levels);
  for (const [row, values] of attribute.values.entries()) {
    if (values.length > 0) presence[row] = 1;
    if (space.pooled && isRare(values, kept)) vectors.values[row * vectors.columns + offset + space.levels.length] = 1;
    for (const level of levelsOf(values)) {
      const column = columns.get(level);
      if (column !== undefined) vectors.values[row * vectors.columns + column] = 1;
    }
  }
}

function writeNumbers(space: NumberSpace, attribute: NumberAttribute, offset: number, block: BlockValues): void {
  const { vectors, presence } = block;
  for (const [row, raw] of attribute.values.entries()) {
    const value = scaled(space.kind, raw);
    if (!Number.isFinite(value)) {
      if (space.missing) vectors.values[row * vectors.columns + offset + 1] = 1;
      continue;
    }
    vectors.values[row * vectors.columns + offset] = (value - space.mean) / space.deviation;
    presence[row] = 1;
  }
}
