/** What people do, as the service is told and as its log keeps it: one line an event, readable as interactions of a run as it is. */
import { z } from "zod";
import type { BundleConfig } from "../../bundle/bundle.ts";
import { eventKinds, weightsOfEvents } from "../../data/ingest/service-log/logged-events.ts";

export const eventSchema = z.strictObject({
  id: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe("the event's own id: sent twice it counts once; made up when absent"),
  user: z.string().min(1).max(500).describe("a user, or a session of somebody unknown"),
  item: z.string().min(1).max(500),
  event: z.enum(eventKinds),
  value: z.number().optional().describe("of a rating"),
  time: z.iso.datetime({ offset: true }).optional().describe("when it was; now when absent"),
  requestId: z.string().max(200).optional().describe("of the list that it follows from"),
});

export type LiveEvent = z.output<typeof eventSchema>;

/** As the log keeps it: with its id and time. */
export type LoggedEvent = LiveEvent & { readonly id: string; readonly time: string };

/** What an event counts in the bundle's own measure; 0 for one that says nothing of taste. */
export function eventWeights({ data }: Pick<BundleConfig, "data">, unit: number | undefined) {
  const { eventWeights: named, minimum } = data.interactions;
  const isNamed = Object.keys(named).length > 0;
  const numbers = Object.values(named).filter((weight) => weight !== "ignore");
  const median = numbers.sort((a, b) => a - b)[Math.floor((numbers.length - 1) / 2)] ?? 1;
  return ({ event, value }: Pick<LiveEvent, "event" | "value">): number => {
    if (event === "dismissal" || event === "impression") return 0;
    if (event === "rating" && minimum !== null && value !== undefined && value < minimum.value) return 0;
    const weight = isNamed ? (named[event] ?? "ignore") : weightsOfEvents[event];
    return weight === "ignore" ? 0 : weight / (isNamed ? (unit ?? median) : 1);
  };
}
