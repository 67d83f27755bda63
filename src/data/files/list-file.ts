/**
 * Lists from anybody: rows of user (or, for similar items, query), item, and rank (from 1) or else score (higher is better). What names a
 * user, a query or an item that is not known is counted, never guessed.
 */
import { TailrecError } from "../../errors.ts";
import type { SparseMatrix } from "../../math/matrix.ts";
import type { RunContext } from "../../run-context.ts";
import { openSource } from "../ingest/source/source-file.ts";
import { loadSource } from "../ingest/source/source-table.ts";
import { readColumns, withDatabase } from "../ingest/tables/database.ts";
import { createInteractions } from "../interactions.ts";

export interface ListFile {
  /** users, or queries, x items: a listed item's value is higher the better it is, equal where scores were. */
  readonly lists: SparseMatrix;
  readonly rows: number;
  /** Rows that name another user, or query, and rows that name another item. */
  readonly unknownUsers: number;
  readonly unknownItems: number;
}

/** Whose lists they are. */
export interface ListOwners {
  readonly column: "user" | "query";
  readonly ids: readonly string[];
}

interface ListRow {
  readonly user: number;
  readonly item: number;
  readonly value: number;
}

/**
 * Reads CSV, TSV, JSON lines or Parquet, gzip too. Throws as ingest does; UNREADABLE_INPUT for a value that is no number and for a user's
 * item listed twice, both with their line; UNKNOWN_COLUMN without score and rank; NOT_ENOUGH_DATA where no row is known.
 */
export async function readListFile(
  path: string,
  { column: owner, ids: userIds }: ListOwners,
  itemIds: readonly string[],
  context: RunContext = {},
): Promise<ListFile> {
  const source = await openSource({ path });
  const names = [owner, "item", "score", "rank"];
  const columns = names.map((name, c) => ({ name, source: name, list: false, optional: c > 1 }));
  const { cells, placeOf } = await withDatabase(async (connection) => {
    const raw = await loadSource({ connection, table: "lists", source, columns }, context);
    const [broken] = raw.rejects;
    if (broken !== undefined) throw unreadable(`${broken.file}, line ${broken.line}: ${broken.reason}`);
    const read = await readColumns(connection, `SELECT "${owner}", item, score, rank FROM lists ORDER BY place`);
    return {
      cells: read.map((column) => column.map((cell) => (cell === null ? null : String(cell)))),
      placeOf: raw.placeOf,
    };
  });
  const placeOfRow = (row: number): string => {
    const { file, line } = placeOf(row);
    return `${file}, line ${line}`;
  };
  const [users, items, scores, ranks] = cells;
  // The order of a list under rules is not that of its scores: where both are there, the rank is what was shown.
  const ranked = ranks.every((rank) => rank !== null);
  if (!ranked && scores.every((score) => score === null)) {
    throw new TailrecError(
      "UNKNOWN_COLUMN",
      `${source.path} has no column "score" and no column "rank"; add one of them`,
    );
  }
  const [userOf, itemOf] = [placesOf(userIds), placesOf(itemIds)];
  const known: ListRow[] = [];
  const unknown = { users: 0, items: 0 };
  const seen = new Set<number>();
  for (const [i, id] of users.entries()) {
    const [user, item] = [userOf.get(id ?? ""), itemOf.get(items[i] ?? "")];
    const value = numberIn((ranked ? ranks : scores)[i], () => placeOfRow(i));
    if (user === undefined) unknown.users++;
    else if (item === undefined) unknown.items++;
    else {
      const pair = user * itemIds.length + item;
      if (seen.has(pair)) throw unreadable(`${placeOfRow(i)}: ${owner} ${id} lists item ${items[i]} twice`);
      seen.add(pair);
      known.push({ user, item, value: ranked ? -value : value });
    }
  }
  if (known.length === 0) {
    const message = `${source.path}: expected lists of the split's ${owner === "user" ? "users" : "query items"} and items, none of ${users.length} rows names both; check the ids`;
    throw new TailrecError("NOT_ENOUGH_DATA", message);
  }
  const lists = listMatrix(known, userIds.length, itemIds.length);
  return { lists, rows: users.length, unknownUsers: unknown.users, unknownItems: unknown.items };
}

function placesOf(ids: readonly string[]): Map<string, number> {
  return new Map(ids.map((id, place) => [id, place]));
}

function numberIn(cell: string | null, where: () => string): number {
  const value = cell === null || cell.trim() === "" ? Number.NaN : Number(cell);
  if (Number.isFinite(value)) return value;
  throw unreadable(`${where()}: expected a number, received ${cell === null ? "nothing" : `"${cell}"`}`);
}

function unreadable(message: string): TailrecError {
  return new TailrecError("UNREADABLE_INPUT", message);
}

/** Values as whole numbers from 1, so that single precision keeps every difference, and every tie, of the scores. */
function listMatrix(rows: readonly ListRow[], users: number, items: number): SparseMatrix {
  const ascending = [...rows].sort((a, b) => a.user - b.user || a.value - b.value);
  let place = 0;
  const values = ascending.map(({ user, value }, i) => {
    const previous = ascending[i - 1];
    if (previous?.user !== user) place = 1;
    else if (previous.value < value) place++;
    return place;
  });
  const columns = { users: ascending.map(({ user }) => user), items: ascending.map(({ item }) => item), values };
  return createInteractions(users, items, columns);
}
