/** Seeded inputs of the feature benchmark: texts of a made-up language with its WordPiece tokenizer, and photograph-like JPEGs. */
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import type { Catalog } from "../src/data/catalog.ts";
import { createRandom, type Random } from "../src/math/random.ts";

const WORDS = 20_000;
const ENDINGS = 10_000;
const SYLLABLES = [..."bdfgklmnprstv"].flatMap((consonant) => [..."aeiou"].map((vowel) => consonant + vowel));
const SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] as const;

/** The number written in syllables: short, and another for every number. */
function wordOf(number: number): string {
  const last = SYLLABLES[number % SYLLABLES.length];
  return number < SYLLABLES.length ? last : wordOf(Math.floor(number / SYLLABLES.length) - 1) + last;
}

/** A tokenizer.json of 30,005 pieces, as many as BERT's: words, and endings that go on with a word. */
export function tokenizerFile() {
  const words = Array.from({ length: WORDS }, (_, i) => wordOf(i));
  const endings = Array.from({ length: ENDINGS }, (_, i) => `##x${wordOf(i)}`);
  const vocab = Object.fromEntries([...SPECIAL, ...words, ...endings].map((piece, id) => [piece, id]));
  const special = (name: string) => ({ id: name, ids: [vocab[name]], tokens: [name] });
  const marked = (id: string) => ({ SpecialToken: { id, type_id: 0 } });
  const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: SPECIAL.map((content, id) => ({ id, content, ...flags })),
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

/** Titles of log-normal length, some 30 words at the median and up to a few hundred; a third of the words take two pieces. */
export function textCatalog(count: number, seed = 1, medianWords = 30): Catalog {
  const random = createRandom(seed);
  const titles = Array.from({ length: count }, (_, i) => {
    const length = Math.max(3, Math.round(medianWords * Math.exp(0.6 * random.normal())));
    return `${wordOf(i)} ${Array.from({ length }, () => randomWord(random)).join(" ")}`;
  });
  return catalogOf(titles, new Array<null>(count).fill(null));
}

function randomWord(random: Random): string {
  const word = wordOf(random.integer(WORDS));
  return random.integer(3) === 0 ? `${word}x${wordOf(random.integer(ENDINGS))}` : word;
}

/** A catalog of pictures in `folder`: JPEGs of 500 x 375, smooth colours under noise, some 60 kB each; made if need be. */
export async function pictureCatalog(folder: string, count: number): Promise<Catalog> {
  mkdirSync(folder, { recursive: true });
  const paths = Array.from({ length: count }, (_, i) => join(folder, `${i}.jpg`));
  for (const [i, path] of paths.entries()) if (!existsSync(path)) await writePicture(path, i);
  return catalogOf(new Array<string>(count).fill(""), paths);
}

async function writePicture(path: string, seed: number): Promise<void> {
  const random = createRandom(seed);
  const coarse = Uint8Array.from({ length: 8 * 6 * 3 }, () => random.integer(256));
  const smooth = await sharp(coarse, { raw: { width: 8, height: 6, channels: 3 } })
    .resize(500, 375, { kernel: "cubic", fit: "fill" })
    .raw()
    .toBuffer();
  for (let i = 0; i < smooth.length; i++) smooth[i] = Math.max(0, Math.min(255, smooth[i] + random.integer(25) - 12));
  await sharp(smooth, { raw: { width: 500, height: 375, channels: 3 } })
    .jpeg({ quality: 85 })
    .toFile(path);
}

function catalogOf(titles: readonly string[], images: readonly (string | null)[]): Catalog {
  const ids = titles.map((_, row) => `item-${row}`);
  return { ids, titles, descriptions: titles.map(() => ""), images, attributes: [] };
}
