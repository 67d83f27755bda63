/**
 * What a log comes to, in memory: users' latest items, items that came and went, and the session that answers with all of it. Events
 * count at once; the vectors of clicked items move a moment later, all that wait in one solve.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { Bundle } from "../../bundle/bundle.ts";
import { type ErasedUsers, hashOfUser, isAllLater } from "../../data/ingest/service-log/erased-users.ts";
import type { ItemChange } from "../../data/ingest/service-log/item-changes.ts";
import { once } from "../../once.ts";
import type { RunContext } from "../../run-context.ts";
import { type BundleSession, liveSessionOver } from "../bundle-session.ts";
import { createLiveIndex } from "../ranking/live-index.ts";
import { embedItemsFrom, type ItemsContext } from "../vectors/new-items.ts";
import { eventWeights, type LoggedEvent } from "./live-event.ts";
import { createLiveItems } from "./live-items.ts";
import { createLiveUsers } from "./live-users.ts";

export interface LiveState {
  current(): BundleSession;
  hasEvent(id: string): boolean;
  /** Takes an event's id, so that no other event of it counts. */
  reserve(id: string): void;
  release(id: string): void;
  /** Counts an event once; one that the bundle was trained on not at all. */
  count(event: LoggedEvent): void;
  /** Does what may fail, and gives what makes the change. */
  prepare(change: ItemChange, context: RunContext): Promise<PreparedChange>;
  /** Lists by what was changed. */
  publish(): void;
  forget(user: string): void;
  /** Hides those whom the bundle knows from before they were erased. */
  erase(erased: ErasedUsers): void;
  /** Forgets what no event has told since `time`, in seconds since the epoch. */
  forgetBefore(time: number): void;
  /** Resolves when all clicked items have moved. */
  settled(): Promise<void>;
  /** Gives the bundle back as it was loaded; the state is of no use after. */
  giveBack(): void;
}

export interface PreparedChange {
  apply(): Promise<void>;
  /** What makes the vector of a put item less certain. */
  readonly caveats: readonly string[];
}

export interface StateOptions {
  readonly cacheFolder?: string;
  /** Encoder threads that stay between items. */
  readonly kept?: ItemsContext["kept"];
  /** Told where clicked items could not be moved; they stay where they were. */
  readonly onFailure?: (error: unknown) => void;
}

/** Clicks that come in a stream move their items so often: more would be work without a list that shows it. */
const BETWEEN_SOLVES_MS = 50;

/** Ids of events are remembered up to so many, the latest. */
const REMEMBERED_EVENTS = 1_000_000;

export function createLiveState(base: BundleSession, { cacheFolder, kept, onFailure }: StateOptions): LiveState {
  const { bundle: loaded } = base;
  const users = createLiveUsers();
  const items = createLiveItems(base, users);
  const weightOf = eventWeights(loaded.manifest.config, loaded.upkeep?.weightUnit);
  const seen = new Set<string>();
  const counted = new Set<string>();
  let moving: Promise<void> | undefined;
  let clicked = new Set<string>();

  // Items that are compared by the served vectors have one index for both.
  const served = createLiveIndex(loaded.model.similar ? base.index : base.similar());
  const likeness = once(() => createLiveIndex(base.similar()));

  const erasedUsers = new Map<string, number>();
  const findUser = (id: string): number | undefined => {
    const row = base.findUser(id);
    if (row === undefined || erasedUsers.size === 0) return row;
    const erasedAt = erasedUsers.get(hashOfUser(id));
    return erasedAt === undefined || isAllLater(loaded.interactions, row, erasedAt) ? row : undefined;
  };
  const sessionNow = (): BundleSession => {
    const bundle = items.growing.bundle();
    const { length } = bundle.catalog.ids;
    const itemRow = (id: string) => {
      const row = items.itemRow(id);
      return row !== undefined && row < length ? row : undefined;
    };
    const listable = items.listable();
    const { embeddings, similar: compared } = bundle.model;
    const changed = items.growing.takeChanged();
    const index = served.follow(embeddings.vectors, changed, listable);
    const similar = compared ? likeness().follow(compared.vectors, changed, listable) : index;
    const history = (user: string) => users.history(user, itemRow);
    const found = { index, similar, itemRow, history, findUser };
    return liveSessionOver(bundle, { base, ...found, ...(listable && { listable }) });
  };
  let session = sessionNow();

  /** One solve at a time; clicks that come meanwhile are in the next. */
  const moveClicked = async (): Promise<void> => {
    while (clicked.size > 0) {
      const batch = clicked;
      clicked = new Set();
      await items.move(batch).catch(onFailure);
      session = sessionNow();
      if (clicked.size > 0) await delay(BETWEEN_SOLVES_MS);
    }
    moving = undefined;
  };
  const moveSoon = (): void => {
    if (clicked.size > 0) moving ??= moveClicked();
  };
  const moveThese = (ids: readonly string[]): void => {
    for (const id of ids) clicked.add(id);
    moveSoon();
  };
  const reserve = (id: string): void => {
    seen.add(id);
    const [oldest] = seen;
    if (seen.size <= REMEMBERED_EVENTS) return;
    seen.delete(oldest);
    counted.delete(oldest);
  };
  return {
    current: () => session,
    hasEvent: (id) => seen.has(id),
    reserve,
    release: (id) => {
      seen.delete(id);
    },
    count: (event) => {
      reserve(event.id);
      if (counted.has(event.id) || isTrained(loaded, base, event)) return;
      counted.add(event.id);
      if (!users.count(event, weightOf(event))) return;
      moveThese([event.item]);
    },
    prepare: async (change, context) => {
      if (change.change === "delete") return { apply: async () => items.remove(change.id), caveats: [] };
      if (change.change === "availability") {
        return { apply: async () => items.setAvailable(change.id, change.available), caveats: [] };
      }
      const { change: _, ...item } = change;
      const embedded = await embedItemsFrom(loaded, { items: [item], cacheFolder }, { ...context, kept });
      const apply = async () => {
        if (items.itemRow(item.id) !== undefined) clicked.add(item.id);
        await items.put(embedded);
      };
      return { apply, caveats: embedded.caveats.flat() };
    },
    publish: () => {
      session = sessionNow();
      moveSoon();
    },
    forget: (user) => moveThese(users.forget(user)),
    erase: (erased) => {
      for (const [user, time] of erased) erasedUsers.set(user, time);
    },
    forgetBefore: (time) => moveThese(users.forgetBefore(time)),
    settled: async () => moving,
    giveBack: items.growing.giveBack,
  };
}

/** Whether the bundle's own interactions hold the event: its log was input of the run. */
function isTrained({ interactions }: Bundle, base: BundleSession, { user, item, time }: LoggedEvent): boolean {
  const row = base.findUser(user);
  if (row === undefined || interactions.times === undefined || !base.hasItem(item)) return false;
  const column = base.itemRow(item);
  for (let p = interactions.indptr[row]; p < interactions.indptr[row + 1]; p++) {
    // The matrix keeps the latest time of a pair, in seconds.
    if (interactions.indices[p] === column) return interactions.times[p] >= Math.floor(Date.parse(time) / 1000);
  }
  return false;
}
