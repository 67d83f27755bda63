/** What a column was taken for, why, and an example of its cells: what a person reads to agree or to change it. */
import { excerpt } from "../../excerpt.ts";
import type { ColumnFacts } from "./column-facts.ts";

export interface DraftedColumn {
  readonly column: string;
  /** "user", "title", "category", "left out", ... */
  readonly use: string;
  readonly reason: string;
  /** A cell. */
  readonly example: string;
}

export const LEFT_OUT = "left out";

export function drafted(facts: ColumnFacts, use: string, reason = ""): DraftedColumn {
  return { column: facts.name, use, reason, example: excerpt(facts.texts[0] ?? "", 60) };
}

/** One of the columns whose name says so: the first pattern that any matches decides. */
export function namedColumn(columns: readonly ColumnFacts[], patterns: readonly RegExp[]): ColumnFacts | undefined {
  for (const pattern of patterns) {
    const found = columns.find(({ words }) => pattern.test(words));
    if (found !== undefined) return found;
  }
  return undefined;
}
