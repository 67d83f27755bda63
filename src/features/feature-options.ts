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

const textSchema = z.strictObject({
  encoder: z
    .string()
    .default("text-small-untrained")
    .describe("an encoder of models/ by name, or the path of a manifest, relative to the pipeline"),
  weight,
  components,
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
    .default("image-small-untrained")
    .describe("an encoder of models/ by name, or the path of a manifest, relative to the pipeline"),
  weight,
  components,
  urls: urlsSchema
    .nullable()
    .default(null)
    .describe("fetch pictures that are http(s) addresses, within these limits; null leaves them out"),
});

const lexicalSchema = z.strictObject({
  dimension: z.int().positive().default(256).describe("components kept of the TF-IDF matrix"),
  minimumDocuments: z.int().positive().default(2).describe("words in fewer training texts are left out"),
  bigrams: z.boolean().default(false).describe("whether pairs of neighbouring words count as words too"),
  weight,
});

const attributesSchema = z.strictObject({
  minimumCount: z.int().positive().default(2).describe("category levels on fewer training items are left out"),
  maximumLevels: z
    .int()
    .positive()
    .default(500)
    .describe("of more levels of one attribute, the most frequent are kept"),
  weight,
});

export const featureOptionsSchema = z.strictObject({
  text: textSchema.nullable().default(null).describe("transformer vectors of title and description"),
  lexical: lexicalSchema.nullable().prefault({}).describe("TF-IDF words, truncated SVD"),
  image: imageSchema.nullable().default(null).describe("vectors of the picture"),
  attributes: attributesSchema.nullable().prefault({}).describe("numbers, prices and categories"),
});

export type FeatureOptionsInput = z.input<typeof featureOptionsSchema>;
export type FeatureOptions = z.output<typeof featureOptionsSchema>;
