/** What users did since the bundle was made: their latest items, and what they want to see no more. */
import type { LiveHistory } from "../bundle-session.ts";
import type { LoggedEvent } from "./live-event.ts";

/** The latest items of a user that count. */
const LONGEST_HISTORY = 200;

interface KnownItem {
  readonly weight: number;
  readonly time: number;
}

export interface LiveUsers {
  /** Counts an event of some weight; gives whether it told something new of the item. */
  count(event: LoggedEvent, weight: number): boolean;
  /** Rows of items that are there, the earliest first. */
  history(user: string, itemRow: (id: string) => number | undefined): LiveHistory | undefined;
  /** Who met the item since, with the sum of their weights. */
  meetings(item: string): ReadonlyMap<string, number>;
  forget(user: string): void;
  readonly events: number;
}

export function createLiveUsers(): LiveUsers {
  const taken = new Map<string, Map<string, KnownItem>>();
  const dismissed = new Map<string, Set<string>>();
  const users = new Map<string, Map<string, number>>();
  let events = 0;
  return {
    count: ({ user, item, event, time }, weight) => {
      if (event === "dismissal") {
        entry(dismissed, user, () => new Set<string>()).add(item);
        return false;
      }
      if (weight === 0) return false;
      const items = entry(taken, user, () => new Map<string, KnownItem>());
      const known = items.get(item);
      // Set anew, so that the order of the map is that of the latest times.
      items.delete(item);
      items.set(item, { weight: (known?.weight ?? 0) + weight, time: Date.parse(time) / 1000 });
      const [oldest] = items.keys();
      if (items.size > LONGEST_HISTORY) items.delete(oldest);
      const whoMet = entry(users, item, () => new Map<string, number>());
      whoMet.set(user, (whoMet.get(user) ?? 0) + weight);
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
        dismissed: [...(unwanted ?? [])].flatMap((id) => itemRow(id) ?? []),
      };
    },
    meetings: (item) => users.get(item) ?? new Map(),
    forget: (user) => {
      for (const item of taken.get(user)?.keys() ?? []) users.get(item)?.delete(user);
      taken.delete(user);
      dismissed.delete(user);
    },
    get events() {
      return events;
    },
  };
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const value = map.get(key) ?? make();
  map.set(key, value);
  return value;
}
