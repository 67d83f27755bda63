/** Endpoints about the service itself: the model it serves, and whether it lives and is ready. */
import { z } from "zod";
import { exchangeLimitsSchema } from "../../serving/exchange.ts";
import { endpoint } from "./endpoint.ts";

/** By name; null where there is nothing to measure. */
const figures = z.record(z.string(), z.number().nullable());

const nothing = z.strictObject({});

export const operationEndpoints = {
  model: endpoint({
    method: "GET",
    path: "/v1/model",
    scope: "read",
    summary: "The bundle that answers, and its figures",
    request: nothing,
    answer: z.strictObject({
      bundle: z.string(),
      dataset: z.string(),
      fingerprint: z.string(),
      items: z.int(),
      users: z.int(),
      dimensions: z.int(),
      tail: z.number(),
      encoders: z.record(z.string(), z.string()),
      metrics: z.array(z.unknown()),
    }),
  }),
  traffic: endpoint({
    method: "GET",
    path: "/v1/traffic",
    scope: "admin",
    summary: "What the log says: figures of a window beside the time before, day by day, and of the running experiment",
    request: z.strictObject({
      days: z.coerce.number<number>({ error: "expected a number" }).min(0.01).max(365).default(1),
    }),
    answer: z.strictObject({
      requestId: z.string(),
      window: figures,
      before: figures,
      itemDrift: z.number().nullable(),
      eventDrift: z.number().nullable(),
      days: z.array(z.strictObject({ day: z.string(), figures })),
      variants: z.array(
        z.strictObject({
          name: z.string(),
          users: z.int(),
          lists: z.int(),
          clickThrough: z.number().nullable(),
          difference: z.number().nullable(),
          p: z.number().nullable().describe("holds at every look"),
        }),
      ),
    }),
  }),
  reload: endpoint({
    method: "POST",
    path: "/v1/reload",
    scope: "admin",
    summary: "Takes up the bundle that lies in the folder now, or goes back to the one before",
    request: exchangeLimitsSchema.extend({
      rollback: z.boolean().default(false).describe("go back to the bundle before the last change"),
    }),
    answer: z.strictObject({
      fingerprint: z.string().describe("of the bundle that answers now"),
      churn: z.number().nullable().describe("mean share of lists of similar items that is new"),
      lost: z.number().nullable().describe("share of the items that are gone"),
    }),
  }),
  live: endpoint({
    method: "GET",
    path: "/health/live",
    scope: "open",
    summary: "Whether the process answers at all",
    request: nothing,
    answer: z.strictObject({ status: z.literal("live") }),
  }),
  ready: endpoint({
    method: "GET",
    path: "/health/ready",
    scope: "open",
    summary: "Whether it may be sent requests: 503 while it is stopping",
    request: nothing,
    answer: z.strictObject({ status: z.literal("ready") }),
  }),
};
