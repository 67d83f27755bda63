/**
 * The log of a service as input of an update: items as what their changes came to, and the events that the bundle has not seen. Events
 * are taken to be seen up to the latest time of the bundle's own interactions.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Bundle, BundleConfig } from "../../bundle/bundle.ts";
import type { ItemRecord } from "../../data/ingest/item-records.ts";
import { eventKinds, type LoggedEvent, loggedWeights } from "../live/live-event.ts";
import { itemChangeSchema } from "../live/live-state.ts";
import { type LogRecord, readRecordLog } from "../live/record-log.ts";

export interface ServiceLog {
  /** New items and changed ones; those that were deleted again are none. */
  readonly items: readonly ItemRecord[];
  /** JSON lines of the events that came since. */
  readonly events: readonly LogRecord[];
}

/** Errors: those of `readRecordLog`. */
export async function readServiceLog(folder: string, bundle: Pick<Bundle, "interactions">): Promise<ServiceLog> {
  const items = new Map<string, ItemRecord>();
  for (const record of await readRecordLog(join(folder, "items.jsonl"))) {
    const change = itemChangeSchema.parse(record);
    if (change.change === "delete") items.delete(change.id);
    if (change.change !== "put") continue;
    const { change: _, ...item } = change;
    items.set(item.id, item);
  }
  const seen = latestTime(bundle);
  const events = (await readRecordLog(join(folder, "events.jsonl"))) as readonly LoggedEvent[];
  return {
    items: [...items.values()],
    events: events.filter(({ time }) => Math.floor(Date.parse(time) / 1000) > seen),
  };
}

function latestTime({ interactions: { times = new Float64Array() } }: Pick<Bundle, "interactions">): number {
  return times.reduce((latest, time) => Math.max(latest, time), Number.NEGATIVE_INFINITY);
}

/** Writes the events as a file that `loggedMapping` reads; gives its path. */
export async function writeEvents(folder: string, events: readonly LogRecord[]): Promise<string> {
  const path = join(folder, "events.jsonl");
  await writeFile(path, events.map((event) => `${JSON.stringify(event)}\n`).join(""));
  return path;
}

/** How the log's events are read: by the pipeline's weights where it names them, and what says nothing of taste left out. */
export function loggedMapping(data: BundleConfig["data"]): Omit<BundleConfig["data"]["interactions"], "path"> {
  const { interactions: mapping } = data;
  const weights = loggedWeights(mapping.eventWeights);
  return {
    ...mapping,
    header: null,
    columns: { user: "user", item: "item", weight: null, event: "event", time: "time" },
    timeFormat: "dates",
    eventWeights: Object.fromEntries(eventKinds.map((kind) => [kind, weights[kind] ?? "ignore"])),
    minimum: null,
  };
}
