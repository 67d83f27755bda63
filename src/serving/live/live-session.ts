/**
 * A bundle with what happened since, and its log: a change is on the disk before it is acknowledged, and when the log is opened again
 * all of it is done again.
 */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import type { ItemRecord } from "../../data/ingest/item-records.ts";
import { erasedUsers, hashOfUser } from "../../data/ingest/service-log/erased-users.ts";
import { type ItemChange, itemChangeSchema } from "../../data/ingest/service-log/item-changes.ts";
import { type LogRecord, readRecordLog } from "../../data/ingest/service-log/record-lines.ts";
import { TailrecError } from "../../errors.ts";
import { parseOptions } from "../../options.ts";
import type { RunContext } from "../../run-context.ts";
import type { BundleSession } from "../bundle-session.ts";
import { eventSchema, type LiveEvent, type LoggedEvent } from "./live-event.ts";
import { createLiveState, type LiveState, type StateOptions } from "./live-state.ts";
import { createStates } from "./live-states.ts";
import { openRecordLog, type RecordLog } from "./record-log.ts";

export interface LiveOptions extends StateOptions {
  /** Folder of the log: events.jsonl, items.jsonl, exposures.jsonl. */
  readonly folder: string;
  /** Events older than so many days leave log and state, looked at once a day; kept for ever when absent. */
  readonly keptDays?: number;
}

export interface CountedEvents {
  readonly accepted: number;
  /** Of events that were there already. */
  readonly repeated: number;
  /** Items that nobody knows; their events are kept for the next run. */
  readonly unknownItems: readonly string[];
}

export type ItemContent = Omit<ItemRecord, "id">;

export interface LiveSession {
  /** The session that answers now. */
  current(): BundleSession;
  /** INVALID_OPTIONS; OUTPUT_FAILED where the log takes no more. */
  count(events: readonly LiveEvent[]): Promise<CountedEvents>;
  /** Listed once it resolves; gives what makes its vector less certain. Errors: those of `embedItemsFrom`, OUTPUT_FAILED. */
  putItem(id: string, content: ItemContent, context?: RunContext): Promise<readonly string[]>;
  /** UNKNOWN_ITEM, OUTPUT_FAILED. */
  removeItem(id: string): Promise<void>;
  setAvailable(id: string, available: boolean): Promise<void>;
  /** Erases a user from log and state, and from the next update and run; gives how many lines went. */
  forget(user: string): Promise<number>;
  /** Keeps a line about a list that was shown. */
  expose(exposure: LogRecord): Promise<void>;
  /** Resolves when the vectors of all clicked items have moved. */
  settled(): Promise<void>;
  /** Does all that the log holds over another bundle, then answers by it; what comes meanwhile is done over both. */
  moveTo(base: BundleSession): Promise<void>;
  /** Does all that the log holds over another bundle too, and from then on every change; gives its session. */
  accompany(base: BundleSession): Promise<() => BundleSession>;
  /** Ids of logged item changes that this bundle does not take. */
  readonly skipped: readonly string[];
  /** What was cut off a torn log, in bytes. */
  readonly cut: number;
  /** Drops events older than `keptDays` from log and state; gives how many lines went. A timer does it too. */
  dropOld(): Promise<number>;
  close(): Promise<void>;
}

const DAY_MS = 86_400_000;

/** Opens the log in `folder` over a bundle and does again what it holds. Errors: those of `openRecordLog`. */
export async function openLiveSession(base: BundleSession, options: LiveOptions): Promise<LiveSession> {
  const { folder, keptDays } = options;
  const events = await openRecordLog(join(folder, "events.jsonl"));
  const changes = await openRecordLog(join(folder, "items.jsonl"));
  const exposures = await openRecordLog(join(folder, "exposures.jsonl"));
  const erasures = await openRecordLog(join(folder, "erased.jsonl"));
  const logs = { events: events.log, changes: changes.log, exposures: exposures.log, erasures: erasures.log };
  const erased = erasedUsers(erasures.records);
  const replay = async (state: LiveState, past: readonly LogRecord[], done: readonly LoggedEvent[]) => {
    state.erase(erased);
    const skipped = await redo(past, state);
    state.publish();
    for (const event of done) state.count(event);
    await state.settled();
    return skipped;
  };
  // What is made of all items is made of them as they were when training ended.
  await base.userBasis();
  const states = createStates(createLiveState(base, options));
  const state = states.all;
  const isKept = keptFor(keptDays);
  const skipped = await replay(state, changes.records, (events.records as readonly LoggedEvent[]).filter(isKept));
  for (const { id } of exposures.records) if (typeof id === "string") state.reserve(id);
  const accompany = async (next: BundleSession): Promise<LiveState> => {
    await next.userBasis();
    const following = createLiveState(next, options);
    // From here on every change is done over both; one that is logged already is done twice, which is as once.
    const leave = states.follow(following);
    try {
      const past = await readRecordLog(join(folder, "items.jsonl"));
      const done = (await readRecordLog(join(folder, "events.jsonl"))) as readonly LoggedEvent[];
      await replay(following, past, done.filter(isKept));
    } catch (error) {
      leave();
      throw error;
    }
    return following;
  };
  const dropOld = async (): Promise<number> => {
    if (keptDays === undefined) return 0;
    state.forgetBefore((Date.now() - keptDays * DAY_MS) / 1000);
    return (await logs.events.rewrite(isKept)) + (await logs.exposures.rewrite(isKept));
  };
  await dropOld();
  const drop = () => void dropOld().catch(options.onFailure);
  // Kept short, events leave sooner than after a day.
  const dropping = setInterval(drop, DAY_MS * Math.min(1, (keptDays ?? 1) / 4)).unref();
  return {
    ...changing(state, logs.changes),
    moveTo: async (next) => states.lead(await accompany(next)),
    accompany: async (next) => (await accompany(next)).current,
    current: state.current,
    count: (given) => countEvents(parseOptions(z.array(eventSchema), given, "events"), state, logs),
    forget: async (user) => {
      const isOther = (record: LogRecord) => record.user !== user;
      const hash = hashOfUser(user);
      const now = Date.now();
      await logs.erasures.append([{ user: hash, time: new Date(now).toISOString() }]);
      erased.set(hash, now / 1000);
      state.erase(erased);
      state.forget(user);
      return (await logs.events.rewrite(isOther)) + (await logs.exposures.rewrite(isOther));
    },
    expose: (exposure) => logs.exposures.append([exposure]),
    settled: state.settled,
    skipped,
    cut: events.cut + changes.cut + exposures.cut + erasures.cut,
    dropOld,
    close: async () => {
      clearInterval(dropping);
      await state.settled();
      await Promise.all(Object.values(logs).map((log) => log.close()));
    },
  };
}

type Logs = Readonly<Record<"events" | "changes" | "exposures" | "erasures", RecordLog>>;

/** Whether a logged line is young enough now. */
function keptFor(keptDays: number | undefined): (record: LogRecord) => boolean {
  if (keptDays === undefined) return () => true;
  return ({ time }) => Date.parse(String(time)) >= Date.now() - keptDays * DAY_MS;
}

/** Does the changes of the log again; gives the ids of those that cannot be, as a new bundle may not know an attribute. */
async function redo(records: readonly LogRecord[], state: LiveState): Promise<string[]> {
  const skipped: string[] = [];
  for (const record of records) {
    const change = itemChangeSchema.parse(record);
    try {
      await (await state.prepare(change, {})).apply();
    } catch (error) {
      if (!(error instanceof TailrecError)) throw error;
      skipped.push(change.id);
    }
  }
  return skipped;
}

/** Changes of items: tried, logged, done. */
function changing(state: LiveState, log: RecordLog): Pick<LiveSession, "putItem" | "removeItem" | "setAvailable"> {
  const change = async (next: ItemChange, context: RunContext = {}): Promise<readonly string[]> => {
    const { apply, caveats } = await state.prepare(next, context);
    await log.append([{ ...next, time: new Date().toISOString() }]);
    await apply();
    state.publish();
    return caveats;
  };
  return {
    putItem: (id, content, context) => change({ change: "put", id, ...content }, context),
    removeItem: async (id) => {
      state.current().itemRow(id);
      await change({ change: "delete", id });
    },
    setAvailable: async (id, available) => {
      state.current().itemRow(id);
      await change({ change: "availability", id, available });
    },
  };
}

/** Logged, then counted; an id that is on its way to the disk counts as there. */
async function countEvents(given: readonly LiveEvent[], state: LiveState, logs: Logs): Promise<CountedEvents> {
  const fresh = new Map<string, LoggedEvent>();
  for (const event of given) {
    const id = event.id ?? randomUUID();
    if (!state.hasEvent(id) && !fresh.has(id)) fresh.set(id, { ...event, id, time: timeOf(event) });
  }
  for (const id of fresh.keys()) state.reserve(id);
  const shown = [...fresh.values()].filter(isImpression);
  const done = [...fresh.values()].filter((event) => !isImpression(event));
  try {
    // Repeated ones wait as well: what they repeat may be on its way.
    await Promise.all([logs.exposures.append(shown), logs.events.append(done)]);
  } catch (error) {
    for (const id of fresh.keys()) state.release(id);
    throw error;
  }
  for (const event of done) state.count(event);
  const unknown = given.map(({ item }) => item).filter((id) => !state.current().hasItem(id));
  return { accepted: fresh.size, repeated: given.length - fresh.size, unknownItems: [...new Set(unknown)] };
}

function isImpression({ event }: LoggedEvent): boolean {
  return event === "impression";
}

/** An hour of clocks that differ; what lies further ahead would be the latest for ever. */
const CLOCK_TOLERANCE_MS = 3_600_000;

function timeOf({ time }: LiveEvent): string {
  if (time === undefined) return new Date().toISOString();
  if (Date.parse(time) <= Date.now() + CLOCK_TOLERANCE_MS) return new Date(time).toISOString();
  throw new TailrecError("INVALID_ARGUMENT", `events: expected times up to now, received ${time}`);
}
