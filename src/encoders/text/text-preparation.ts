/** How texts are prepared for a transformer, as its manifest says it. */
import { z } from "zod";
import { normalise, type TaskManifest } from "../models/common-manifest.ts";

export const textPreparationSchema = z.strictObject({
  tokenizer: z.string().describe("the tokenizer.json among `files`"),
  tokenizerConfig: z
    .string()
    .optional()
    .describe("the tokenizer_config.json among `files`, where it says more of tokens than the tokenizer does"),
  maximumLength: z.int().min(2).describe("longest sequence in tokens, special ones included; the rest is cut off"),
  padding: z
    .literal("maximum-length")
    .optional()
    .describe("texts are padded to the maximum length, for encoders trained so; absent: to the longest of their batch"),
  prefix: z.string().optional().describe('put before every text, for encoders trained with one ("query: ")'),
  pooling: z
    .enum(["mean", "cls"])
    .optional()
    .describe("mean over the unmasked tokens, or the first token; absent when the graph gives one vector a text"),
  inputs: z
    .record(z.string(), z.int())
    .optional()
    .describe("values of further inputs of the graph that are the same for every text, such as task_id"),
  normalise,
});

export type TextPreparation = z.output<typeof textPreparationSchema>;
export type TextManifest = TaskManifest<"text", TextPreparation>;
