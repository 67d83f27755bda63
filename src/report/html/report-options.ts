/** What the page shows beside figures: the `evaluation.report` part of a pipeline file. */
import { z } from "zod";

export const reportOptionsSchema = z.strictObject({
  mapItems: z.int().min(0).max(3000).default(800).describe("items on the latent map, drawn by seed; 0 for no map"),
  items: z.array(z.string()).default([]).describe("ids of items whose similar items are shown, before drawn ones"),
  lists: z.int().min(0).max(20).default(6).describe("how many tail items' similar items are shown"),
  listLength: z.int().min(1).max(12).default(6).describe("length of these lists"),
  seed: z.int().default(1).describe("seed of the map and of the draws"),
});

export type ReportOptions = z.output<typeof reportOptionsSchema>;
