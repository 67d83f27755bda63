/**
 * What the cells of one column say of it, before anybody has named its part: how many differ, which read as numbers, what separates
 * several values in one cell. Cells are read by the readers of `ingest`, so that what is judged is what a run will see.
 */
import { readAttribute } from "../../data/ingest/item-fields.ts";
import type { SampledColumn } from "../../data/ingest/table-sample.ts";
import type { Cell } from "../../data/ingest/tables/raw-cells.ts";

export interface ColumnFacts {
  readonly name: string;
  /** Words of the name in small letters, joined by blanks: "movieId" is "movie id". */
  readonly words: string;
  /** Filled cells, each as one text. */
  readonly texts: readonly string[];
  /** Different texts. */
  readonly distinct: ReadonlySet<string>;
  /** Whether most cells are lists or JSON. */
  readonly isNested: boolean;
  /** Whether cells hold objects, of which only single keys can be mapped. */
  readonly hasObjects: boolean;
  /** Nearly all cells read as a number; as a price, currency signs allowed. */
  readonly isNumber: boolean;
  readonly isPrice: boolean;
  /** Characters of the median text. */
  readonly length: number;
  /** What parts several values in one text; null for one value a cell, and for lists. */
  readonly separator: string | null;
  /** How often a value comes on average, several in a cell counted each. */
  readonly repeats: number;
}

const NEARLY_ALL = 0.95;

export function columnFacts({ name, cells }: SampledColumn): ColumnFacts {
  const filled = cells.filter(({ texts, nested }) => nested !== null || texts.some((text) => text.trim() !== ""));
  const texts = filled.map(({ texts: own, nested }) => (nested ?? own.join(", ")).trim());
  const distinct = new Set(texts);
  const isNested = most(
    filled,
    ({ texts: own, nested }) => nested !== null || own.length > 1 || /^\[.*\]$/s.test(own[0]),
  );
  const separator = isNested ? null : separatorOf(filled, distinct);
  const { values, unread } = readAs("category", separator, filled);
  return {
    name,
    words: wordsOf(name),
    texts,
    distinct,
    isNested,
    hasObjects: unread > 0,
    isNumber: filled.length > 0 && readAs("number", null, filled).unread <= (1 - NEARLY_ALL) * filled.length,
    isPrice: filled.length > 0 && readAs("price", null, filled).unread <= (1 - NEARLY_ALL) * filled.length,
    length: medianLength(texts),
    separator,
    repeats: repeatsOf(values),
  };
}

/** "movieId", "MOVIE_ID" and "movie-id" are "movie id". */
export function wordsOf(name: string): string {
  return name
    .replaceAll(/([\p{Ll}\d])(\p{Lu})/gu, "$1 $2")
    .toLowerCase()
    .replaceAll(/[^\p{L}\d]+/gu, " ")
    .trim();
}

/** The first numbers of a column that reads as such, ascending. */
export function sortedNumbers({ texts }: ColumnFacts): readonly number[] {
  const cells = texts.map((text): Cell => ({ texts: [text], nested: null }));
  const attribute = readAttribute({ column: "", kind: "number", separator: null }, cells, () => undefined);
  const numbers = attribute.kind === "category" ? [] : [...attribute.values];
  return numbers.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
}

function readAs(kind: "category" | "number" | "price", separator: string | null, cells: readonly Cell[]) {
  let unread = 0;
  const attribute = readAttribute({ column: "", kind, separator }, cells, () => {
    unread++;
  });
  return { values: attribute.kind === "category" ? attribute.values : [], unread };
}

const SEPARATORS = ["|", ";", " > ", ",", "/"];
/** Longer texts are prose, whose marks part no values. */
const LONGEST_LIST = 400;
/** Parted, values come so much more often than whole cells do. */
const MORE_OFTEN = 1.5;

/** A mark that many cells hold, and whose parts come back more often than the cells. */
function separatorOf(cells: readonly Cell[], distinct: ReadonlySet<string>): string | null {
  const texts = [...distinct];
  const found = SEPARATORS.find((mark) => {
    const holding = texts.filter((text) => text.includes(mark));
    if (holding.length < Math.max(2, 0.1 * texts.length) || medianLength(holding) > LONGEST_LIST) return false;
    if (mark === "," && !areLists(holding)) return false;
    const { values } = readAs("category", mark, cells);
    return isListLike(values) && repeatsOf(values) > (MORE_OFTEN * cells.length) / texts.length;
  });
  return found ?? null;
}

/** Some have three parts or more: "Woolf, Virginia" is one name. */
function areLists(texts: readonly string[]): boolean {
  return texts.filter((text) => text.split(",").length > 2).length > 0.1 * texts.length;
}

/** Values of a list are names of a few words each. */
function isListLike(values: readonly (readonly string[])[]): boolean {
  return most(values.flat(), (value) => value.split(/\s+/).length <= 5);
}

function repeatsOf(values: readonly (readonly string[])[]): number {
  const all = values.flat();
  return all.length / Math.max(1, new Set(all).size);
}

function most<T>(values: readonly T[], condition: (value: T) => boolean): boolean {
  return values.filter(condition).length > values.length / 2;
}

function medianLength(texts: readonly string[]): number {
  const lengths = texts.map(({ length }) => length).sort((a, b) => a - b);
  return lengths[lengths.length >> 1] ?? 0;
}
