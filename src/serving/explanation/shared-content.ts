/** What two items have in common in the catalog: words of title and description, categories, numbers. */
import type { Catalog } from "../../data/catalog.ts";
import { wordsOf } from "../../features/blocks/word-counts.ts";

/** By word: the number of items whose title or description has it. Computed once a catalog. */
export function documentFrequencies(catalog: Catalog): Map<string, number> {
  const frequencies = new Map<string, number>();
  for (let row = 0; row < catalog.ids.length; row++) {
    for (const word of wordsOfItem(catalog, row)) frequencies.set(word, (frequencies.get(word) ?? 0) + 1);
  }
  return frequencies;
}

/** A word in more than this share of the catalog says nothing about a pair. */
const COMMON_SHARE = 0.1;
const WORDS_LISTED = 8;

/** The words that both items have, those of the fewest items first (then longer, then alphabetically). */
export function sharedWords(
  catalog: Catalog,
  frequencies: ReadonlyMap<string, number>,
  a: number,
  b: number,
): string[] {
  const wordsOfB = wordsOfItem(catalog, b);
  const limit = Math.max(2, COMMON_SHARE * catalog.ids.length);
  const rarity = (word: string): number => frequencies.get(word) ?? 0;
  return [...wordsOfItem(catalog, a)]
    .filter((word) => wordsOfB.has(word) && rarity(word) <= limit)
    .sort((v, w) => rarity(v) - rarity(w) || w.length - v.length || (v < w ? -1 : 1))
    .slice(0, WORDS_LISTED);
}

export interface SharedAttributes {
  /** Categories that both items have, by attribute; attributes without any are left out. */
  readonly categories: readonly { readonly name: string; readonly values: readonly string[] }[];
  /** Numbers that both items have. */
  readonly numbers: readonly {
    readonly name: string;
    readonly kind: "number" | "price";
    readonly a: number;
    readonly b: number;
  }[];
}

export function sharedAttributes({ attributes }: Catalog, a: number, b: number): SharedAttributes {
  const categories = attributes.flatMap((attribute) => {
    if (attribute.kind !== "category") return [];
    const values = attribute.values[a].filter((value) => attribute.values[b].includes(value));
    return values.length > 0 ? [{ name: attribute.name, values }] : [];
  });
  const numbers = attributes.flatMap((attribute) => {
    if (attribute.kind === "category") return [];
    const pair = { name: attribute.name, kind: attribute.kind, a: attribute.values[a], b: attribute.values[b] };
    return Number.isFinite(pair.a) && Number.isFinite(pair.b) ? [pair] : [];
  });
  return { categories, numbers };
}

function wordsOfItem({ titles, descriptions }: Catalog, row: number): Set<string> {
  return new Set([...wordsOf(titles[row]), ...wordsOf(descriptions[row])]);
}
