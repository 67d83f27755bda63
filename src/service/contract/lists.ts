/** Endpoints that list: similar items, lists for people, a given list in order, and several widgets of a page at once. */
import { z } from "zod";
import { rankRequestSchema } from "../../serving/requests/rank-request.ts";
import { recommendRequestSchema } from "../../serving/requests/recommend-request.ts";
import { similarRequestSchema } from "../../serving/requests/similar-request.ts";
import { listAnswerSchema, listedItemSchema } from "./answers.ts";
import { endpoint } from "./endpoint.ts";

const LARGEST_COUNT = 1000;

/** Rules name files of the machine: those of the bundle hold, and none come from the network. */
const ownRules = { rules: true } as const;

const listOptions = {
  count: z.int().min(1).max(LARGEST_COUNT).default(10).describe("how many items to list"),
  include: z
    .array(z.enum(["reason"]))
    .max(8)
    .default([])
    .describe("what else to say of every item: reason"),
};

/** A number in a query is text. */
const countInQuery = z.coerce
  .number<number>({ error: "expected a number" })
  .int()
  .min(1)
  .max(LARGEST_COUNT)
  .default(10)
  .describe("how many items to list");

export const similarBody = similarRequestSchema.omit({ compare: true, ...ownRules }).extend(listOptions);
export const recommendBody = recommendRequestSchema.omit(ownRules).extend({
  ...listOptions,
  items: z
    .array(z.string())
    .max(1000)
    .readonly()
    .optional()
    .describe("ids of items that someone took, the latest last"),
});

const widget = z.discriminatedUnion("kind", [
  similarBody.extend({ kind: z.literal("similar") }),
  recommendBody.extend({ kind: z.literal("recommend") }),
]);

export const listEndpoints = {
  similar: endpoint({
    method: "POST",
    path: "/v1/similar",
    scope: "read",
    summary: "Items like an item",
    request: similarBody,
    answer: listAnswerSchema,
  }),
  itemSimilar: endpoint({
    method: "GET",
    path: "/v1/items/:item/similar",
    scope: "read",
    summary: "Items like an item, in short",
    request: z.strictObject({ item: z.string().min(1), count: countInQuery }),
    answer: listAnswerSchema,
  }),
  recommend: endpoint({
    method: "POST",
    path: "/v1/recommend",
    scope: "read",
    summary: "Items for a person: a user, or someone described by items and attributes",
    request: recommendBody,
    answer: listAnswerSchema,
  }),
  userRecommendations: endpoint({
    method: "GET",
    path: "/v1/users/:user/recommendations",
    scope: "read",
    summary: "Items for a user, in short",
    request: z.strictObject({ user: z.string().min(1), count: countInQuery }),
    answer: listAnswerSchema,
  }),
  rank: endpoint({
    method: "POST",
    path: "/v1/rank",
    scope: "read",
    summary: "A given list in the model's order, such as the hits of a search",
    request: rankRequestSchema,
    answer: z.strictObject({
      requestId: z.string(),
      bundle: z.string(),
      by: z.enum(["hybrid", "given"]).describe("given: nothing is known of the person, and the order was kept"),
      items: z.array(listedItemSchema),
      unknown: z.array(z.string()).describe("candidates that the catalog does not have"),
    }),
  }),
  batch: endpoint({
    method: "POST",
    path: "/v1/batch",
    scope: "read",
    summary: "Several lists at once: the widgets of a page",
    request: z.strictObject({ widgets: z.array(widget).min(1).max(20) }),
    answer: z.strictObject({ requestId: z.string(), lists: z.array(listAnswerSchema) }),
  }),
};
