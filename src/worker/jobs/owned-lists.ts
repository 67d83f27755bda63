/** Lists of users and items that a bundle knows: what `tailrec lists` writes for them. */
import type { ListEntry, OwnedList } from "../../data/files/list-table.ts";
import type { ListJob } from "../../serving/lists/list-job.ts";
import type { InputRows, OutputRow } from "../record.ts";
import { QUARANTINE } from "../record.ts";

export interface ListOwners {
  /** The column of their ids. */
  readonly column: "user" | "item";
  readonly isKnown: (id: string) => boolean;
  readonly jobOf: (ids: readonly string[]) => Promise<ListJob>;
}

/** One list an owner; one that stands twice gets it twice. */
export async function ownedLists(
  rows: InputRows,
  { column, isKnown, jobOf }: ListOwners,
): Promise<readonly OutputRow[]> {
  const ids = Array.from({ length: rows.rows }, (_, row) => rows.text(column, row) ?? "");
  const known = [...new Set(ids.filter(isKnown))];
  const lists = new Map<string, OwnedList>();
  if (known.length > 0) {
    const { table } = await jobOf(known);
    for await (const part of table.parts) for (const list of part) lists.set(list.owner, list);
  }
  return ids.map((id): OutputRow => {
    const list = lists.get(id);
    if (list !== undefined) return { [column]: id, ...listCells(list.entries) };
    return { [column]: id === "" ? null : id, [QUARANTINE]: id === "" ? `missing ${column}` : `unknown ${column}` };
  });
}

/** The cells of a list, best first. */
export function listCells(entries: readonly ListEntry[]): OutputRow {
  return {
    items: entries.map(({ item }) => item),
    scores: Float32Array.from(entries, ({ score }) => score),
    sources: entries.map(({ source }) => source),
  };
}
