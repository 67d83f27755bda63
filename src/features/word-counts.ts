/** Words of a text and their counts: lower-cased runs of letters and digits of any script, and pairs of neighbours. */

const WORD = /[\p{L}\p{N}]+/gu;

export function wordsOf(text: string): string[] {
  return text.normalize("NFKC").toLowerCase().match(WORD) ?? [];
}

/** Counts of the words, and with `bigrams` of neighbouring pairs ("steel bolt"). */
export function countTerms(text: string, bigrams: boolean): Map<string, number> {
  const words = wordsOf(text);
  const counts = new Map<string, number>();
  const add = (term: string): Map<string, number> => counts.set(term, (counts.get(term) ?? 0) + 1);
  for (const word of words) add(word);
  if (bigrams) for (let i = 1; i < words.length; i++) add(`${words[i - 1]} ${words[i]}`);
  return counts;
}
