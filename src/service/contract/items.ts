/** Endpoints about items: vectors of new ones, why two are near, and search. */
import { z } from "zod";
import { listedItemSchema } from "./answers.ts";
import { endpoint } from "./endpoint.ts";

const cell = z.union([z.string().max(10_000), z.number(), z.array(z.string().max(1000)).max(100).readonly()]);

/** The largest picture in a body: 10 MB, in base64. */
const LARGEST_PICTURE = 14_000_000;

export const itemContentSchema = z.strictObject({
  title: z.string().max(2000).default(""),
  description: z.string().max(50_000).default(""),
  image: z
    .string()
    .max(LARGEST_PICTURE)
    .regex(/^(https?|data):/i, "expected an http(s) or data: address")
    .nullable()
    .default(null)
    .describe("a data: address with the bytes; http(s) where the bundle's pipeline allows addresses"),
  attributes: z
    .record(z.string(), cell.nullable())
    .default({})
    .describe("categories, numbers and prices by their column"),
});

export const embedBody = itemContentSchema.extend({
  count: z.int().min(0).max(100).default(10).describe("how many neighbours to list"),
  dimensions: z.int().positive().optional().describe("the first so many numbers of the vector; all when absent"),
});

export const caveats = z
  .array(z.string())
  .describe("what makes the vector less certain, such as a picture that cannot be read");

const listedItems = z.array(listedItemSchema);

export const itemEndpoints = {
  item: endpoint({
    method: "GET",
    path: "/v1/items/:item",
    scope: "read",
    summary: "An item with its lists by behaviour alone, by content alone, and as served",
    request: z.strictObject({
      item: z.string().min(1),
      count: z.coerce.number<number>({ error: "expected a number" }).int().min(1).max(100).default(10),
    }),
    answer: z.strictObject({
      requestId: z.string(),
      item: listedItemSchema,
      description: z.string(),
      hasPicture: z.boolean(),
      attributes: z.record(z.string(), z.string()),
      lists: z.strictObject({ before: listedItems, content: listedItems, after: listedItems }),
      advice: z.string().describe("what would make its vector more certain"),
    }),
  }),
  picture: endpoint({
    method: "GET",
    path: "/v1/items/:item/picture",
    scope: "read",
    summary: "A small picture of an item, as a data: address",
    request: z.strictObject({ item: z.string().min(1) }),
    answer: z.strictObject({ requestId: z.string(), picture: z.string().nullable() }),
  }),
  map: endpoint({
    method: "GET",
    path: "/v1/map/:item",
    scope: "read",
    summary: "Where an item stands among others",
    request: z.strictObject({ item: z.string().min(1) }),
    answer: z.strictObject({
      requestId: z.string(),
      points: z.array(
        z.strictObject({ id: z.string(), title: z.string(), x: z.number(), y: z.number(), support: z.int() }),
      ),
    }),
  }),
  embed: endpoint({
    method: "POST",
    path: "/v1/embed",
    scope: "read",
    summary: "The vector and the neighbours of a new item; multipart/form-data takes the picture as an upload",
    request: embedBody,
    answer: z.strictObject({
      requestId: z.string(),
      bundle: z.string(),
      vector: z.array(z.number()),
      uncertainty: z.number(),
      caveats,
      neighbours: z.array(listedItemSchema),
    }),
  }),
  explain: endpoint({
    method: "GET",
    path: "/v1/explain/:a/:b",
    scope: "read",
    summary: "Why two items are near",
    request: z.strictObject({ a: z.string().min(1), b: z.string().min(1) }),
    answer: z.strictObject({
      requestId: z.string(),
      items: z.array(listedItemSchema).length(2),
      lines: z.array(z.string()),
      likeness: z.record(z.string(), z.number().nullable()),
    }),
  }),
  search: endpoint({
    method: "GET",
    path: "/v1/search",
    scope: "read",
    summary: "Items by title and meaning",
    request: z.strictObject({
      q: z.string().trim().min(1).max(500).describe("what someone types"),
      count: z.coerce.number<number>({ error: "expected a number" }).int().min(1).max(100).default(10),
      meaning: z.enum(["true", "false"]).default("true").describe("fill the list with items near in meaning"),
    }),
    answer: z.strictObject({
      requestId: z.string(),
      items: z.array(listedItemSchema.extend({ match: z.enum(["id", "title", "words", "meaning"]) })),
    }),
  }),
};
