/**
 * The terms of a field that are in at least `minimumCount` training items, and the columns of any item's terms. Every text is read
 * once, its words, levels or runs of characters are numbered as they come. A pair of neighbouring words is the number a n + b of
 * theirs, n of all, and becomes a text only when it is kept: most pairs occur once, and as texts they took two fifths of the counting.
 */
import { sparseBuilder } from "../../math/sparse-builder.ts";
import { pairOf, singleTermsAt, type TermField, termsOfWord, wordsAt } from "./field-kinds.ts";

export interface TermCounts {
  /** Sorted. */
  readonly terms: readonly string[];
  /** One a term: the training items that have it. */
  readonly frequency: readonly number[];
  /** Training items that have a term, rare ones included. */
  readonly items: number;
  /** Adds the columns of an item's terms, in any order, as often as they occur. A term that is not kept has none. */
  columnsAt(row: number, into: number[]): void;
}

interface KeptTerm {
  readonly term: string;
  readonly count: number;
  /** Of the word, or of the pair. */
  readonly number: number;
  readonly isPair: boolean;
}

/** Counts the terms of the items at `rows`. */
export function countFieldTerms(field: TermField, rows: ArrayLike<number>, minimumCount: number): TermCounts {
  const words = numberWords(field, rows);
  const { names, frequency } = words;
  const kept: KeptTerm[] = [];
  for (const [number, term] of names.entries()) {
    if (frequency[number] >= minimumCount) kept.push({ term, count: frequency[number], number, isPair: false });
  }
  const hasPairs = field.kind === "text" && field.bigrams;
  const pairs = hasPairs ? frequentPairs(words, minimumCount) : [];
  const sorted = [...kept, ...pairs].sort((a, b) => (a.term < b.term ? -1 : 1));
  const ofWord = new Int32Array(names.length).fill(-1);
  const ofPair = new Map<number, number>();
  for (const [column, { number, isPair }] of sorted.entries()) {
    if (isPair) ofPair.set(number, column);
    else ofWord[number] = column;
  }
  const isKept = (word: number): boolean => word >= 0 && ofWord[word] >= 0;
  const pairAt = (words: ArrayLike<number>, i: number): number | undefined =>
    isKept(words[i - 1]) ? ofPair.get(pairNumber(words[i - 1], words[i], names)) : undefined;
  return {
    terms: sorted.map(({ term }) => term),
    frequency: sorted.map(({ count }) => count),
    items: words.items,
    columnsAt: (row, into) => {
      const own = words.numbersAt(row);
      for (let i = 0; i < own.length; i++) {
        if (!isKept(own[i])) continue;
        into.push(ofWord[own[i]]);
        const pair = ofPair.size > 0 && i > 0 ? pairAt(own, i) : undefined;
        if (pair !== undefined) into.push(pair);
      }
    },
  };
}

function pairNumber(first: number, second: number, names: readonly string[]): number {
  return first * names.length + second;
}

interface NumberedWords {
  /** Words, levels or runs of the training items by number, as they came. */
  readonly names: readonly string[];
  /** By number: the training items that have it. */
  readonly frequency: readonly number[];
  /** Training items that have one. */
  readonly items: number;
  /** Training items, one after the other: place p has the numbers from indptr[p] to indptr[p + 1]. */
  readonly indptr: Uint32Array;
  readonly numbers: Uint32Array;
  /** Of any item, in their order; -1 for one that no training item has. */
  numbersAt(row: number): ArrayLike<number>;
}

function numberWords(field: TermField, rows: ArrayLike<number>): NumberedWords {
  const known = new Map<string, number>();
  const numberOf = (term: string): number => {
    const number = known.get(term) ?? known.size;
    known.set(term, number);
    return number;
  };
  const ofWord = new Map<string, readonly number[]>();
  const numbersOf = (word: string): readonly number[] => {
    const found = ofWord.get(word) ?? termsOfWord(field, word).map(numberOf);
    ofWord.set(word, found);
    return found;
  };
  const [frequency, last]: [number[], number[]] = [[], []];
  const places = new Map<number, number>();
  const numbered = sparseBuilder(rows.length);
  let items = 0;
  for (const [place, row] of Array.from(rows).entries()) {
    const own = wordsAt(field, row).map(numbersOf);
    if (own.some(({ length }) => length > 0)) items++;
    places.set(row, place);
    for (const numbers of own) {
      for (const number of numbers) {
        if (last[number] !== row) frequency[number] = (frequency[number] ?? 0) + 1;
        last[number] = row;
        numbered.add(number, 1);
      }
    }
    numbered.endRow();
  }
  const { indptr, indices: numbers } = numbered.build(frequency.length);
  const numbersAt = (row: number): ArrayLike<number> => {
    const place = places.get(row);
    if (place !== undefined) return numbers.subarray(indptr[place], indptr[place + 1]);
    return singleTermsAt(field, row).map((term) => known.get(term) ?? -1);
  };
  return { names: [...known.keys()], frequency, items, indptr, numbers, numbersAt };
}

/** A pair is in no more items than either of its words: only pairs of frequent words are counted. */
function frequentPairs(words: NumberedWords, minimumCount: number): KeptTerm[] {
  const { names, frequency, indptr, numbers } = words;
  const pairs = new Float64Array(numbers.length);
  let end = 0;
  for (let place = 0; place + 1 < indptr.length; place++) {
    const begin = end;
    for (let p = indptr[place] + 1; p < indptr[place + 1]; p++) {
      const [a, b] = [numbers[p - 1], numbers[p]];
      if (frequency[a] >= minimumCount && frequency[b] >= minimumCount) pairs[end++] = pairNumber(a, b, names);
    }
    end = begin + distinct(pairs.subarray(begin, end));
  }
  const kept: KeptTerm[] = [];
  const sorted = pairs.subarray(0, end).sort();
  for (let from = 0, to = 0; from < end; from = to) {
    while (to < end && sorted[to] === sorted[from]) to++;
    const [a, b] = [Math.floor(sorted[from] / names.length), sorted[from] % names.length];
    if (to - from < minimumCount) continue;
    kept.push({ term: pairOf(names[a], names[b]), count: to - from, number: sorted[from], isPair: true });
  }
  return kept;
}

/** Sorts numbers, and moves one of each to the front; gives how many there are. */
function distinct(numbers: Float64Array): number {
  numbers.sort();
  let count = 0;
  for (const number of numbers) if (count === 0 || number !== numbers[count - 1]) numbers[count++] = number;
  return count;
}
