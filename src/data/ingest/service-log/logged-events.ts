/**
 * The file `events.jsonl` of a service's log as interactions: by the pipeline's weights where it names them. Events are taken to be seen
 * up to the latest time of the interactions that they follow.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Interactions } from "../../interactions.ts";
import type { ParsedIngestOptions, ParsedInteractionsOptions } from "../ingest-options.ts";
import { type LogRecord, readRecordLog } from "./record-lines.ts";

export const eventKinds = ["view", "cart", "purchase", "rating", "dismissal", "impression"] as const;

export interface LoggedEvents {
  readonly events: readonly LogRecord[];
  /** Earlier ones, which the interactions are taken to hold. */
  readonly seen: number;
}

/** The events later than all of the interactions; every one where these have no times. Errors: those of `readRecordLog`. */
export async function readLoggedEvents(
  folder: string,
  { times = new Float64Array() }: Pick<Interactions, "times">,
): Promise<LoggedEvents> {
  let latest = Number.NEGATIVE_INFINITY;
  // A pair without a time is NaN, and no later than any.
  for (const time of times) if (time > latest) latest = time;
  const all = await readRecordLog(join(folder, "events.jsonl"));
  const events = all.filter(({ time }) => Math.floor(Date.parse(String(time)) / 1000) > latest);
  return { events, seen: all.length - events.length };
}

/** What events without a weight in the pipeline count. */
export const weightsOfEvents: Readonly<Record<string, number>> = { view: 1, cart: 2, purchase: 4, rating: 1 };

/** The weights of a pipeline, or those that stand for them where it names none. */
function loggedWeights<W>(named: Readonly<Record<string, W>>): Readonly<Record<string, W | number>> {
  return Object.keys(named).length > 0 ? named : weightsOfEvents;
}

/** Writes the events as a file that `loggedMapping` reads; gives its path. */
export async function writeEvents(folder: string, events: readonly LogRecord[]): Promise<string> {
  const path = join(folder, "events.jsonl");
  await writeFile(path, events.map((event) => `${JSON.stringify(event)}\n`).join(""));
  return path;
}

/** How the log's events are read: by the pipeline's weights where it names them, and what says nothing of taste left out. */
export function loggedMapping({
  interactions: mapping,
}: Pick<ParsedIngestOptions, "interactions">): Omit<ParsedInteractionsOptions, "path"> {
  const weights = loggedWeights(mapping.eventWeights);
  return {
    ...mapping,
    format: "jsonl",
    header: null,
    columns: { user: "user", item: "item", weight: null, event: "event", time: "time" },
    timeFormat: "dates",
    eventWeights: Object.fromEntries(eventKinds.map((kind) => [kind, weights[kind] ?? "ignore"])),
    minimum: null,
  };
}
