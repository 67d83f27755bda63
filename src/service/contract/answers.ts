/** Parts that answers share. */
import { z } from "zod";

export const listedItemSchema = z.strictObject({
  id: z.string(),
  title: z.string(),
  score: z.number().optional().describe("higher is better; comparable within one list only"),
  support: z.int().describe("interactions that the vector was trained on"),
  source: z.enum(["behaviour", "blend", "content"]).describe("what the vector rests on"),
  uncertainty: z.number().describe("1 for an item known by complete content alone; less with behaviour"),
  filledBy: z.string().optional().describe("what filled the place in, where rules left it empty"),
  reason: z.string().optional().describe("why it is listed, where the request includes reasons"),
});

export const unknownSchema = z
  .strictObject({ items: z.array(z.string()), users: z.array(z.string()) })
  .describe("ids of the request that the model does not know; they were left aside");

/** Every list: what it was made with, so that events can refer to it. */
export const listAnswerSchema = z.strictObject({
  requestId: z.string().describe("name it in the events that follow from this list"),
  bundle: z.string().describe("name of the bundle that answered"),
  variant: z.string().nullable().describe("variant of a running experiment; null without one"),
  by: z.string().describe("what made the list: similar, hybrid, or a fallback such as popularity"),
  items: z.array(listedItemSchema),
  unknown: unknownSchema,
  note: z.string().optional().describe("why the list is shorter than asked for, or was filled"),
});

export type ListAnswer = z.output<typeof listAnswerSchema>;
export type ListedAnswer = z.output<typeof listedItemSchema>;
