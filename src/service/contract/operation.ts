/** Endpoints about the service itself: the model it serves, and whether it lives and is ready. */
import { z } from "zod";
import { endpoint } from "./endpoint.ts";

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
