/** A block of features: how many words the title has, against the mean of the training items. */
import type { BlockKind, Catalog } from "tailrec";
import { z } from "zod";

const options = z
  .strictObject({ weight: z.number().positive().default(1).describe("weight of the block") })
  .nullable()
  .default(null)
  .describe("words of the title");

const space = z.strictObject({ mean: z.number() });

export const titleLength: BlockKind<"titleLength", typeof options, z.output<typeof space>> = {
  name: "titleLength",
  schema: options,
  words: { plural: "title lengths", missing: () => "no title" },
  // Learns from the training rows alone; what it returns is plain data.
  fit: ({ catalog }, rows) => {
    const lengths = Array.from(rows, (row) => wordsIn(catalog, row));
    return { mean: lengths.reduce((sum, length) => sum + length, 0) / lengths.length };
  },
  columns: () => 1,
  // Any catalog, also of new items. A missing title is zero with presence 0.
  apply: ({ mean }, { catalog }) => {
    const lengths = catalog.ids.map((_, row) => wordsIn(catalog, row));
    const values = Float32Array.from(lengths, (length) => (length === 0 ? 0 : length - mean));
    return {
      vectors: { rows: lengths.length, columns: 1, values },
      presence: Uint8Array.from(lengths, (length) => Math.min(1, length)),
    };
  },
  origin: () => ({ source: "words of the title", sourceDimension: 1, explainedVariance: 1 }),
  storage: { document: space, save: (fitted) => ({ document: fitted, tensors: {} }), load: (document) => document },
};

function wordsIn({ titles }: Catalog, row: number): number {
  return titles[row].split(/\s+/).filter((word) => word !== "").length;
}
