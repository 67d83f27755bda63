/**
 * A WordPiece vocabulary (Schuster and Nakajima 2012) without training: every single character of the covered scripts, every
 * pair of Latin letters and of digits, English endings, and whole words written by hand. Greedy longest-match splits any
 * word of those scripts without loss.
 */
import { readFileSync } from "node:fs";

export interface Piece {
  readonly text: string;
  /** Length of its embedding against that of a content word: what says little about an item counts little in a mean. */
  readonly salience: number;
}

const SPECIAL = 0.05;
const PUNCTUATION = 0.1;
const FUNCTION_WORD = 0.15;
const CHARACTER = 0.4;
const PAIR = 0.6;
const ENDING = 0.2;
const WORD = 1;

const SPECIAL_PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];
const LETTERS = "abcdefghijklmnopqrstuvwxyz";
const DIGITS = "0123456789";
const ENDINGS = [
  "s es ed ing er ers est ly ness less ful able ible tion tions sion ment ments ity ies ied ish ism ist ists al ial ic ical",
  "ous ive ate ated ant ent ance ence age ary ory ian man men ward wards wise ship hood dom like proof free way work light house board",
].flatMap((line) => line.split(" "));

/** Ranges of code points whose characters stand for themselves: Latin, Greek, Cyrillic, currency, kana and marks of units. */
const CHARACTER_RANGES = [
  [0x21, 0x7e],
  [0xa1, 0xff],
  [0x100, 0x17f],
  [0x391, 0x3c9],
  [0x410, 0x45f],
  [0x2010, 0x2027],
  [0x2030, 0x203a],
  [0x20a0, 0x20bf],
  [0x2150, 0x215e],
  [0x3041, 0x3096],
  [0x30a1, 0x30fa],
] as const;

/** The pieces in id order: special, characters, pairs, endings, words. */
export function vocabularyPieces(): Piece[] {
  const pieces = new Map<string, Piece>();
  const add = (texts: Iterable<string>, salience: number): void => {
    for (const text of texts) if (!pieces.has(text)) pieces.set(text, { text, salience });
  };
  add(SPECIAL_PIECES, SPECIAL);
  const characters = coveredCharacters();
  add(
    characters.filter((character) => !isWordCharacter(character)),
    PUNCTUATION,
  );
  add(characters.filter(isWordCharacter).flatMap(anywhere), CHARACTER);
  add([...pairsOf(LETTERS), ...pairsOf(DIGITS)].flatMap(anywhere), PAIR);
  add(
    ENDINGS.map((ending) => `##${ending}`),
    ENDING,
  );
  const words = readWords();
  add(words.function, FUNCTION_WORD);
  add(words.words, WORD);
  return [...pieces.values()];
}

/** A tokenizer.json (the format of the Hugging Face tokenizers) over the pieces: lower case, no accents, BERT's template. */
export function tokenizerFile(pieces: readonly Piece[]): unknown {
  const vocab = Object.fromEntries(pieces.map(({ text }, id) => [text, id]));
  const special = (name: string) => ({ id: name, ids: [vocab[name]], tokens: [name] });
  const marked = (id: string) => ({ SpecialToken: { id, type_id: 0 } });
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: SPECIAL_PIECES.map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: {
      type: "BertNormalizer",
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: true,
      lowercase: true,
    },
    pre_tokenizer: { type: "BertPreTokenizer" },
    post_processor: {
      type: "TemplateProcessing",
      single: [marked("[CLS]"), { Sequence: { id: "A", type_id: 0 } }, marked("[SEP]")],
      pair: [
        marked("[CLS]"),
        { Sequence: { id: "A", type_id: 0 } },
        marked("[SEP]"),
        { Sequence: { id: "B", type_id: 1 } },
      ],
      special_tokens: { "[CLS]": special("[CLS]"), "[SEP]": special("[SEP]") },
    },
    decoder: { type: "WordPiece", prefix: "##", cleanup: true },
    model: {
      type: "WordPiece",
      unk_token: "[UNK]",
      continuing_subword_prefix: "##",
      max_input_chars_per_word: 100,
      vocab,
    },
  };
}

/** Characters as the normaliser leaves them: lower case, without combining marks. */
function coveredCharacters(): string[] {
  const characters = new Set<string>();
  for (const [first, last] of CHARACTER_RANGES) {
    for (let code = first; code <= last; code++) {
      for (const character of String.fromCodePoint(code).normalize("NFD").toLowerCase()) {
        if (!/\p{M}/u.test(character)) characters.add(character);
      }
    }
  }
  return [...characters];
}

function isWordCharacter(character: string): boolean {
  return /[\p{L}\p{N}]/u.test(character);
}

/** A piece at the start of a word and inside one. */
function anywhere(text: string): string[] {
  return [text, `##${text}`];
}

function pairsOf(alphabet: string): string[] {
  return [...alphabet].flatMap((first) => [...alphabet].map((second) => first + second));
}

/** The two lists of words.txt, each under its ": name" line. */
function readWords(): { function: string[]; words: string[] } {
  const lists = { function: [] as string[], words: [] as string[] };
  let current: string[] = [];
  for (const line of readFileSync(new URL("words.txt", import.meta.url), "utf8").split("\n")) {
    if (line.startsWith("#")) continue;
    if (line.startsWith(": ")) current = line === ": function" ? lists.function : lists.words;
    else current.push(...line.split(" ").filter((word) => word !== ""));
  }
  return lists;
}
