/** A table of what users were shown or said: how often each pair of user and item stands in it. */
import type { RuleWorld } from "../rule-kind.ts";
import { emptyNote, unknownNote } from "./item-ids.ts";
import { readTextColumns } from "./text-columns.ts";

export interface HistoryFile {
  readonly file: string;
  readonly userColumn: string;
  readonly column: string;
}

export interface UserHistory {
  /** By user id, how often each item row is named; users need not be those of the data. */
  readonly of: (user: string | undefined) => ReadonlyMap<number, number>;
  readonly notes: readonly string[];
}

const NOTHING: ReadonlyMap<number, number> = new Map();

/** FILE_NOT_FOUND, UNREADABLE_INPUT, UNKNOWN_COLUMN, EMPTY_INPUT. */
export async function readHistory(
  { file, userColumn, column }: HistoryFile,
  { catalog, hasUser }: Pick<RuleWorld, "catalog" | "hasUser">,
): Promise<UserHistory> {
  const [users, items] = await readTextColumns(file, [userColumn, column]);
  const rows = new Map(catalog.ids.map((id, row) => [id, row]));
  const counts = new Map<string, Map<number, number>>();
  const [unknown, strangers] = [new Set<string>(), new Set<string>()];
  let empty = 0;
  for (const [i, user] of users.entries()) {
    const item = items[i];
    if (user === null || item === null) {
      empty++;
      continue;
    }
    if (!hasUser(user)) strangers.add(user);
    const row = rows.get(item);
    if (row === undefined) {
      unknown.add(item);
      continue;
    }
    const own = counts.get(user) ?? new Map<number, number>();
    own.set(row, (own.get(row) ?? 0) + 1);
    counts.set(user, own);
  }
  return {
    of: (user) => (user === undefined ? NOTHING : (counts.get(user) ?? NOTHING)),
    notes: [
      ...unknownNote([...unknown], "item id", file),
      ...unknownNote([...strangers], "user id", file),
      ...emptyNote(empty, file),
    ],
  };
}
