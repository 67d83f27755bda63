/** Endpoints that change what is served: events, items, users. */
import { z } from "zod";
import { eventSchema } from "../../serving/live/live-event.ts";
import { endpoint } from "./endpoint.ts";
import { caveats, itemContentSchema } from "./items.ts";

const MOST_EVENTS = 1000;

const itemId = z.string().min(1).max(500);
const done = z.strictObject({ requestId: z.string(), id: z.string() });

export const liveEndpoints = {
  events: endpoint({
    method: "POST",
    path: "/v1/events",
    scope: "events",
    summary: "What people did; answered once it is on the disk, and counted at once",
    request: z.strictObject({ events: z.array(eventSchema).min(1).max(MOST_EVENTS) }),
    answer: z.strictObject({
      requestId: z.string(),
      accepted: z.int(),
      repeated: z.int().describe("events that were there already"),
      unknownItems: z.array(z.string()).describe("items that nobody knows; their events are kept for the next run"),
    }),
  }),
  putItem: endpoint({
    method: "PUT",
    path: "/v1/items/:id",
    scope: "admin",
    summary: "A new or changed item, listed at once",
    request: itemContentSchema.extend({ id: itemId }),
    answer: done.extend({ caveats }),
  }),
  deleteItem: endpoint({
    method: "DELETE",
    path: "/v1/items/:id",
    scope: "admin",
    summary: "Takes an item out of every list",
    request: z.strictObject({ id: itemId }),
    answer: done,
  }),
  availability: endpoint({
    method: "PATCH",
    path: "/v1/items/:id/availability",
    scope: "admin",
    summary: "Whether an item may be listed; one that may not still has similar items",
    request: z.strictObject({ id: itemId, available: z.boolean() }),
    answer: done,
  }),
  deleteUser: endpoint({
    method: "DELETE",
    path: "/v1/users/:user",
    scope: "admin",
    summary: "Erases what the log and the service know of a user",
    request: z.strictObject({ user: z.string().min(1).max(500) }),
    answer: z.strictObject({ requestId: z.string(), erased: z.int().describe("lines that left the log") }),
  }),
};
