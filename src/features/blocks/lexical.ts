/** The lexical block: TF-IDF words of title and description, by truncated SVD (`latent-semantics.ts`). */
import { z } from "zod";
import type { BlockKind } from "../block-kind.ts";
import { itemText, itemTexts } from "../item-text.ts";
import { applyLexical, fitLexical, type LexicalSpace, lexicalEnergy } from "./latent-semantics.ts";
import { weight, whitening } from "./shared-options.ts";

const charactersSchema = z
  .strictObject({
    minimum: z.int().min(1).default(3).describe("shortest run, the blank before or after a word included"),
    maximum: z.int().min(1).default(5).describe("longest run"),
    weight: z.number().positive().default(0.5).describe("weight of the runs where that of the words is 1"),
  })
  .refine(({ minimum, maximum }) => minimum <= maximum, "expected minimum to be at most maximum");

const schema = z
  .strictObject({
    dimension: z.int().positive().default(256).describe("components kept of the TF-IDF matrix"),
    minimumDocuments: z.int().positive().default(2).describe("words in fewer training texts are left out"),
    maximumTerms: z
      .int()
      .positive()
      .nullable()
      .default(null)
      .describe("of more words, pairs and runs, those in the most training texts are kept; null keeps all"),
    bigrams: z.boolean().default(false).describe("whether pairs of neighbouring words count as words too"),
    characters: charactersSchema
      .nullable()
      .default(null)
      .describe("count runs of characters within words too, for inflections, compounds and misspellings"),
    weight,
    whitening,
  })
  .nullable()
  .prefault({})
  .describe("TF-IDF words, truncated SVD");

const documentSchema = z.strictObject({
  terms: z.array(z.string()),
  bigrams: z.boolean(),
  // Bundles of tailrec 0.1.0 do not say.
  characters: z.strictObject({ minimum: z.int(), maximum: z.int(), weight: z.number() }).nullable().default(null),
});

export const lexicalBlock: BlockKind<"lexical", typeof schema, LexicalSpace, z.output<typeof documentSchema>> = {
  name: "lexical",
  schema,
  words: {
    plural: "wordings",
    missing: (catalog, row) => (itemText(catalog, row) === "" ? "no text" : "no known word"),
  },
  hasInput: (catalog, row) => itemText(catalog, row) !== "",
  fit: ({ catalog }, rows, options) => fitLexical(itemTexts(catalog), rows, options),
  columns: ({ projection }) => projection.columns,
  isNested: true,
  apply: (space, { catalog }) => applyLexical(space, itemTexts(catalog)),
  origin: async (space, { catalog }, rows) => ({
    source: `${space.terms.length} terms`,
    sourceDimension: space.terms.length,
    explainedVariance: await lexicalEnergy(
      space,
      rows.map((row) => itemText(catalog, row)),
    ),
  }),
  storage: {
    document: documentSchema,
    save: ({ terms, bigrams, characters, inverseFrequency, projection }) => ({
      document: { terms: [...terms], bigrams, characters },
      tensors: { inverseFrequency: { rows: 1, columns: terms.length, values: inverseFrequency }, projection },
    }),
    load: (document, tensor) => ({
      ...document,
      inverseFrequency: tensor("inverseFrequency").values,
      projection: tensor("projection"),
    }),
  },
};
