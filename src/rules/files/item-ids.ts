/** Item ids that a rule names, in a list or in a file: their rows, and what is said of ids that nobody has. */
import { extname } from "node:path";
import { readIdLines } from "../../data/files/id-lines.ts";
import { excerpt } from "../../excerpt.ts";
import type { RuleWorld } from "../rule-kind.ts";
import { readTextColumns } from "./text-columns.ts";

export interface NamedItems {
  readonly items?: readonly string[];
  readonly file?: string;
  readonly column: string;
}

export interface FoundItems {
  /** n flags: 1 where an item is named. */
  readonly flags: Uint8Array;
  readonly notes: readonly string[];
}

/** FILE_NOT_FOUND, UNREADABLE_INPUT, UNKNOWN_COLUMN, EMPTY_INPUT. */
export async function findItems(
  { items = [], file, column }: NamedItems,
  { catalog }: Pick<RuleWorld, "catalog">,
): Promise<FoundItems> {
  const listed = file === undefined ? [] : await idsIn(file, column);
  const named = listed.filter((id) => id !== null);
  const rows = new Map(catalog.ids.map((id, row) => [id, row]));
  const flags = new Uint8Array(catalog.ids.length);
  const unknown = new Set<string>();
  for (const id of [...items, ...named]) {
    const row = rows.get(id);
    if (row === undefined) unknown.add(id);
    else flags[row] = 1;
  }
  const notes = [...unknownNote([...unknown], "item id", file), ...emptyNote(listed.length - named.length, file)];
  return { flags, notes };
}

/** A note on rows of a file that name nobody or nothing; none where there are none. */
export function emptyNote(rows: number, file?: string): string[] {
  if (rows === 0) return [];
  return [rows === 1 ? `a row of ${file} lacks an id` : `${rows} rows of ${file} lack an id`];
}

/** A note on ids that nobody has, counted and with the first few; none where there are none. */
export function unknownNote(unknown: readonly string[], what: string, file?: string): string[] {
  if (unknown.length === 0) return [];
  const named = unknown.slice(0, 3).map((id) => `"${excerpt(id)}"`);
  const where = file === undefined ? "" : ` of ${file}`;
  if (unknown.length === 1) return [`the ${what} ${named[0]}${where} is not known`];
  return [`${unknown.length} ${what}s${where} are not known, such as ${named.join(", ")}`];
}

async function idsIn(path: string, column: string): Promise<(string | null)[]> {
  if (extname(path) === ".txt") return readIdLines(path);
  const [ids] = await readTextColumns(path, [column]);
  return ids;
}
