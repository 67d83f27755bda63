/**
 * What a text is counted by: its words (lower-cased runs of letters and digits of any script), pairs of neighbours, and runs of
 * characters within words, which know "stainless-steel" by "steel" and a misspelt brand by most of its letters.
 */

const WORD = /[\p{L}\p{N}]+/gu;

/** Opens a run of characters, which no word does. Runs know where words begin and end: "mug" has "~ mu", "~mug" and "~ug ". */
const RUN = "~";

/** Lengths of the runs, the blanks around a word included. */
export interface CharacterRuns {
  readonly minimum: number;
  readonly maximum: number;
}

export interface TermOptions {
  readonly bigrams: boolean;
  readonly characters: CharacterRuns | null;
}

export function wordsOf(text: string): string[] {
  return text.normalize("NFKC").toLowerCase().match(WORD) ?? [];
}

/** Whether a term is a run of characters. */
export function isRun(term: string): boolean {
  return term.startsWith(RUN);
}

/** Counts of the words, with `bigrams` of neighbouring pairs ("steel bolt"), with `characters` of runs of them. */
export function countTerms(text: string, { bigrams, characters }: TermOptions): Map<string, number> {
  const words = wordsOf(text);
  const counts = new Map<string, number>();
  const add = (term: string, count = 1): Map<string, number> => counts.set(term, (counts.get(term) ?? 0) + count);
  for (const word of words) add(word);
  if (characters !== null) {
    for (const [word, count] of [...counts]) for (const run of runsOf(word, characters)) add(RUN + run, count);
  }
  if (bigrams) for (let i = 1; i < words.length; i++) add(`${words[i - 1]} ${words[i]}`);
  return counts;
}

/** Runs of characters of the word between blanks; a word that is shorter with them has none. */
export function runsOf(word: string, { minimum, maximum }: CharacterRuns): string[] {
  // By code points: half a surrogate pair is no character.
  const letters = [...` ${word} `];
  const runs: string[] = [];
  for (let length = minimum; length <= Math.min(maximum, letters.length); length++) {
    for (let begin = 0; begin + length <= letters.length; begin++)
      runs.push(letters.slice(begin, begin + length).join(""));
  }
  return runs;
}
