/**
 * Two kinds of block written outside the library, with its public names alone: how long an item's title is, and vectors of an
 * encoder of one's own.
 */
import { z } from "zod";
import { type BlockKind, type Catalog, encodedBlock } from "../../src/index.ts";

const lengthOptions = z
  .strictObject({ weight: z.number().positive().default(1) })
  .nullable()
  .default(null)
  .describe("length of the title");

const lengthSpace = z.strictObject({ mean: z.number(), deviation: z.number().positive() });

/** The number of words of the title, as a z-score of the training items; an item without a title lacks the block. */
export const titleLength: BlockKind<"titleLength", typeof lengthOptions, z.output<typeof lengthSpace>> = {
  name: "titleLength",
  schema: lengthOptions,
  words: { plural: "title lengths", missing: () => "no title" },
  fit: ({ catalog }, rows) => {
    const lengths = Array.from(rows, (row) => wordsIn(catalog, row)).filter((length) => length > 0);
    const mean = lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
    const variance = lengths.reduce((sum, length) => sum + (length - mean) ** 2, 0) / lengths.length;
    return { mean, deviation: Math.sqrt(variance) || 1 };
  },
  columns: () => 1,
  apply: ({ mean, deviation }, { catalog }) => {
    const lengths = catalog.ids.map((_, row) => wordsIn(catalog, row));
    const values = Float32Array.from(lengths, (length) => (length === 0 ? 0 : (length - mean) / deviation));
    return {
      vectors: { rows: lengths.length, columns: 1, values },
      presence: Uint8Array.from(lengths, (length) => (length === 0 ? 0 : 1)),
    };
  },
  origin: () => ({ source: "words of the title", sourceDimension: 1, explainedVariance: 1 }),
  caveats: ({ mean, deviation }, catalog, row) =>
    wordsIn(catalog, row) > mean + 3 * deviation ? ["unusually long title"] : [],
  storage: { document: lengthSpace, save: (space) => ({ document: space, tensors: {} }), load: (space) => space },
};

function wordsIn({ titles }: Catalog, row: number): number {
  return titles[row].split(/\s+/).filter((word) => word !== "").length;
}

const letterOptions = z
  .strictObject({ weight: z.number().positive().default(1), components: z.int().positive().nullable().default(null) })
  .nullable()
  .default(null)
  .describe("letters of the title, by an encoder of one's own");

const LETTERS = "abcdefghijklmnopqrstuvwxyz";

/** Counts of letters in the title: any function from items to vectors may stand here, such as a call to a service. */
export const titleLetters = encodedBlock({
  name: "titleLetters",
  schema: letterOptions,
  words: { plural: "letters", missing: () => "no title" },
  encode: async ({ titles }) => {
    const counts = titles.map((title) => Array.from(LETTERS, (letter) => title.toLowerCase().split(letter).length - 1));
    const presence = Uint8Array.from(counts, (row) => (row.some((count) => count > 0) ? 1 : 0));
    const vectors = { rows: titles.length, columns: LETTERS.length, values: Float32Array.from(counts.flat()) };
    const failures = titles.flatMap((title, row) =>
      title !== "" && presence[row] === 0 ? [{ row, code: "UNREADABLE_INPUT" as const, reason: "no letter" }] : [],
    );
    return { block: { encoder: "letters", digest: "letters 1", vectors, presence, reused: 0 }, failures };
  },
});
