/** What users did since the bundle was made: their latest items, and what they want to see no more. */
import type { LiveHistory } from "../bundle-session.ts";
import type { LoggedEvent } from "./live-event.ts";

/** The latest items of a user that count. */
const LONGEST_HISTORY = 200;

interface KnownItem {
  readonly weight: number;
  /** Of the latest event, in seconds since the epoch. */
  readonly time: number;
}

interface Meeting extends KnownItem {
  readonly events: number;
}

export interface LiveUsers {
  /** Counts an event of some weight; gives whether it told something new of the item. */
  count(event: LoggedEvent, weight: number): boolean;
  /** Rows of items that are there, the earliest first. */
  history(user: string, itemRow: (id: string) => number | undefined): LiveHistory | undefined;
  /** Who met the item since, with the sum of their weights. */
  meetings(item: string): ReadonlyMap<string, { readonly weight: number }>;
  /** Forgets a user; gives the items that they had met. */
  forget(user: string): string[];
  /** Forgets what no event has told since `time`, in seconds since the epoch; gives the items that lost someone. */
  forgetBefore(time: number): string[];
  readonly events: number;
}

export function createLiveUsers(): LiveUsers {
  const taken = new Map<string, Map<string, KnownItem>>();
  const dismissed = new Map<string, Map<string, { readonly time: number }>>();
  const users = new Map<string, Map<string, Meeting>>();
  let events = 0;
  /** Takes the user out of those who met the item. */
  const part = (item: string, user: string): void => {
    const whoMet = users.get(item);
    events -= whoMet?.get(user)?.events ?? 0;
    whoMet?.delete(user);
    if (whoMet?.size === 0) users.delete(item);
  };
  return {
    count: ({ user, item, event, time: text }, weight) => {
      const time = Date.parse(text) / 1000;
      if (event === "dismissal") {
        entry(dismissed, user, () => new Map<string, { time: number }>()).set(item, { time });
        return false;
      }
      if (weight === 0) return false;
      const items = entry(taken, user, () => new Map<string, KnownItem>());
      const known = items.get(item);
      // Set anew, so that the order of the map is that of the latest times.
      items.delete(item);
      items.set(item, { weight: (known?.weight ?? 0) + weight, time });
      const [oldest] = items.keys();
      if (items.size > LONGEST_HISTORY) items.delete(oldest);
      const whoMet = entry(users, item, () => new Map<string, Meeting>());
      const met = whoMet.get(user) ?? { weight: 0, time, events: 0 };
      whoMet.set(user, { weight: met.weight + weight, time: Math.max(met.time, time), events: met.events + 1 });
      events++;
      return true;
    },
    history: (user, itemRow) => {
      const [items, unwanted] = [taken.get(user), dismissed.get(user)];
      if (items === undefined && unwanted === undefined) return undefined;
      const there = [...(items ?? [])].flatMap(([id, known]) => {
        const row = itemRow(id);
        return row === undefined ? [] : [{ row, ...known }];
      });
      return {
        rows: there.map(({ row }) => row),
        weights: there.map(({ weight }) => weight),
        times: there.map(({ time }) => time),
        dismissed: [...(unwanted?.keys() ?? [])].flatMap((id) => itemRow(id) ?? []),
      };
    },
    meetings: (item) => users.get(item) ?? new Map(),
    forget: (user) => {
      // Of a long history `taken` keeps the latest items alone.
      const met = [...users].filter(([, whoMet]) => whoMet.has(user)).map(([item]) => item);
      for (const item of met) part(item, user);
      taken.delete(user);
      dismissed.delete(user);
      return met;
    },
    forgetBefore: (time) => {
      dropBefore(taken, time);
      dropBefore(dismissed, time);
      const parted = new Set<string>();
      for (const [item, whoMet] of users) {
        for (const [user, met] of whoMet) {
          if (met.time >= time) continue;
          part(item, user);
          parted.add(item);
        }
      }
      return [...parted];
    },
    get events() {
      return events;
    },
  };
}

/** Drops what is older, and who has nothing left. */
function dropBefore(byUser: Map<string, Map<string, { readonly time: number }>>, time: number): void {
  for (const [user, items] of byUser) {
    for (const [item, known] of items) if (known.time < time) items.delete(item);
    if (items.size === 0) byUser.delete(user);
  }
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const value = map.get(key) ?? make();
  map.set(key, value);
  return value;
}
