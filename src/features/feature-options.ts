/** Options of the feature stage: the `features:` part of a pipeline. A block that is null is left out. */
import ipaddr from "ipaddr.js";
import { z } from "zod";

const weight = z.number().positive().default(1).describe("weight of the block against the others once standardised");
const components = z
  .int()
  .positive()
  .nullable()
  .default(null)
  .describe("keep this many principal components of the block, fitted on training items; null keeps all");

const whitening = z
  .number()
  .min(0)
  .max(1)
  .default(0)
  .describe("how far principal components are brought to equal variance: 0 leaves them, 1 makes them equal");

const textSchema = z.strictObject({
  encoder: z
    .string()
    .default("tailrec-text-small")
    .describe("an encoder of models/ by name, or the path of a manifest, relative to the pipeline"),
  weight,
  components,
  whitening,
});

const range = z.string().refine((text) => ipaddr.isValidCIDR(text), "expected an address range such as 10.0.0.0/8");

const urlsSchema = z.strictObject({
  maximumBytes: z.int().positive().default(20_000_000).describe("larger pictures are left out"),
  timeoutSeconds: z.number().positive().default(10).describe("for the whole of one picture, redirects included"),
  allowedRanges: z
    .array(range)
    .default([])
    .describe("address ranges that may be fetched from though they are private, such as that of your own image server"),
});

const imageSchema = z.strictObject({
  encoder: z
    .string()
    .default("tailrec-image-small")
    .describe("an encoder of models/ by name, or the path of a manifest, relative to the pipeline"),
  weight,
  components,
  whitening,
  urls: urlsSchema
    .nullable()
    .default(null)
    .describe("fetch pictures that are http(s) addresses, within these limits; null leaves them out"),
  rereadFiles: z
    .boolean()
    .default(false)
    .describe("read files that the cache knows by path, size and times all the same, to see whether they changed"),
});

const charactersSchema = z
  .strictObject({
    minimum: z.int().min(1).default(3).describe("shortest run, the blank before or after a word included"),
    maximum: z.int().min(1).default(5).describe("longest run"),
    weight: z.number().positive().default(0.5).describe("weight of the runs where that of the words is 1"),
  })
  .refine(({ minimum, maximum }) => minimum <= maximum, "expected minimum to be at most maximum");

const lexicalSchema = z.strictObject({
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
});

const attributesSchema = z.strictObject({
  minimumCount: z.int().positive().default(2).describe("category levels on fewer training items are left out"),
  maximumLevels: z
    .int()
    .positive()
    .default(500)
    .describe("of more levels of one attribute, the most frequent are kept"),
  poolRare: z
    .boolean()
    .default(false)
    .describe(
      "give one column an attribute to items of which no level is kept: rare and new brands have that in common",
    ),
  missingNumbers: z
    .enum(["mean", "column"])
    .default("mean")
    .describe("a missing number counts as the mean; column: a column an attribute says so too"),
  weight,
  whitening,
});

export const featureOptionsSchema = z.strictObject({
  text: textSchema.nullable().default(null).describe("transformer vectors of title and description"),
  lexical: lexicalSchema.nullable().prefault({}).describe("TF-IDF words, truncated SVD"),
  image: imageSchema.nullable().default(null).describe("vectors of the picture"),
  attributes: attributesSchema.nullable().prefault({}).describe("numbers, prices and categories"),
});

export type FeatureOptionsInput = z.input<typeof featureOptionsSchema>;
export type ImageOptions = z.output<typeof imageSchema>;
export type FeatureOptions = z.output<typeof featureOptionsSchema>;
