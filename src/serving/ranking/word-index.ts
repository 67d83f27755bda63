/**
 * Search by words of title and description: BM25 with its usual constants (Robertson and Zaragoza 2009). A word of a title counts as
 * three. A word and its plural in s are one. Items that came or changed since the index was made are read anew.
 */
import { setImmediate as turn } from "node:timers/promises";
import type { Catalog } from "../../data/catalog.ts";
import { wordsOf } from "../../features/blocks/word-counts.ts";
import type { Hit } from "./item-index.ts";

type Texts = Pick<Catalog, "titles" | "descriptions">;

export interface WordIndex {
  /** The best `count` rows of `texts` that have a word of the query, ties by lower row. */
  search(query: string, texts: Texts, count: number, isListed: (row: number) => boolean): Hit[];
}

const SATURATION = 1.2;
const LENGTH_SHARE = 0.75;
const TITLE_WEIGHT = 3;

/** So many items are read before others have their turn. */
const AT_ONCE = 500;

interface Item {
  readonly counts: ReadonlyMap<string, number>;
  readonly length: number;
}

/** An index over the items of `texts`, whose arrays must stay as they are. */
export async function fitWordIndex({ titles, descriptions }: Texts): Promise<WordIndex> {
  const lists = new Map<string, number[]>();
  const lengths = new Uint32Array(titles.length);
  for (let row = 0; row < titles.length; row++) {
    if (row % AT_ONCE === AT_ONCE - 1) await turn();
    const { counts, length } = countsOf(titles[row], descriptions[row]);
    lengths[row] = length;
    for (const [word, count] of counts) {
      const list = lists.get(word);
      if (list === undefined) lists.set(word, [row, count]);
      else list.push(row, count);
    }
  }
  const postings = packed(lists);
  const meanLength = Math.max(1, lengths.reduce((sum, length) => sum + length, 0) / Math.max(1, lengths.length));
  const rarityOf = (word: string): number => {
    const having = postings.of(word).length / 2;
    return Math.log(1 + (titles.length - having + 0.5) / (having + 0.5));
  };
  const worthOf = (rarity: number, count: number, length: number): number => {
    const norm = SATURATION * (1 - LENGTH_SHARE + (LENGTH_SHARE * length) / meanLength);
    return (rarity * count * (SATURATION + 1)) / (count + norm);
  };
  const search: WordIndex["search"] = (query, texts, count, isListed) => {
    const words = [...new Set(wordsOf(query).map(stemOf))].map((word) => ({ word, rarity: rarityOf(word) }));
    const isKnown = (row: number) => texts.titles[row] === titles[row] && texts.descriptions[row] === descriptions[row];
    const readAnew = (row: number): number => {
      const { counts, length } = countsOf(texts.titles[row], texts.descriptions[row]);
      return words.reduce((sum, { word, rarity }) => sum + worthOf(rarity, counts.get(word) ?? 0, length), 0);
    };
    // A common word is in most items: their scores lie in an array, which takes no memory an item.
    const scores = new Float64Array(Math.max(titles.length, texts.titles.length));
    for (const { word, rarity } of words) {
      const list = postings.of(word);
      for (let p = 0; p < list.length; p += 2) scores[list[p]] += worthOf(rarity, list[p + 1], lengths[list[p]]);
    }
    for (let row = 0; row < texts.titles.length; row++) if (!isKnown(row)) scores[row] = readAnew(row);
    return bestOf(scores.subarray(0, texts.titles.length), count, isListed);
  };
  return { search };
}

/** The rows with the highest scores above 0, ties by lower row. */
function bestOf(scores: Float64Array, count: number, isListed: (row: number) => boolean): Hit[] {
  const best: Hit[] = [];
  for (const [row, score] of scores.entries()) {
    const isFull = best.length === count;
    if (score === 0 || (isFull && score <= (best.at(-1)?.score ?? 0)) || !isListed(row)) continue;
    if (isFull) best.pop();
    let place = best.length;
    while (place > 0 && best[place - 1].score < score) place--;
    best.splice(place, 0, { row, score });
  }
  return best;
}

/** Lists of numbers one behind the other: an array each would take more than what it holds. */
function packed(lists: ReadonlyMap<string, readonly number[]>) {
  const places = new Map<string, number>();
  const ends = new Uint32Array(lists.size + 1);
  for (const [word, list] of lists) {
    places.set(word, places.size);
    ends[places.size] = ends[places.size - 1] + list.length;
  }
  const values = new Uint32Array(ends[lists.size]);
  for (const [word, list] of lists) values.set(list, ends[places.get(word) ?? 0]);
  const none = new Uint32Array();
  return {
    of: (word: string): Uint32Array => {
      const place = places.get(word);
      return place === undefined ? none : values.subarray(ends[place], ends[place + 1]);
    },
  };
}

function countsOf(title: string, description: string): Item {
  const counts = new Map<string, number>();
  let length = 0;
  const add = (text: string, weight: number): void => {
    for (const word of wordsOf(text)) {
      const stem = stemOf(word);
      counts.set(stem, (counts.get(stem) ?? 0) + weight);
      length += weight;
    }
  };
  add(title, TITLE_WEIGHT);
  add(description, 1);
  return { counts, length };
}

/** Letters of a word that may lose its plural. */
const SHORTEST = 4;

/** The word without the s or es of a plural: dishes and dish are one, glass stays. */
function stemOf(word: string): string {
  if (word.length < SHORTEST || !word.endsWith("s") || word.endsWith("ss")) return word;
  return /(?:s|x|z|ch|sh)es$/.test(word) ? word.slice(0, -2) : word.slice(0, -1);
}
