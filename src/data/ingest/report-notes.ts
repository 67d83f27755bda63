/** What of a report should not go unread, in words: columns that are absent or lost, how times were read, what was left unread. */
import { excerpt } from "../../excerpt.ts";
import { dayOf, isCalendar } from "./cells/time-format.ts";
import type { IngestReport, LostColumn, TimesReport } from "./rejects.ts";
import { describeAbsent } from "./tables/raw-columns.ts";

/** One line each; nothing for files that are as they should be. */
export function reportNotes({ absentColumns, lostColumns, notes }: IngestReport): string[] {
  return [...absentColumns.map(describeAbsent), ...lostColumns.map(describeLost), ...notes];
}

/** "not one of the 60 filled cells of "price" can be read, such as "$x" (FILE, line 2)". */
export function describeLost({ column, kind, cells, example }: LostColumn): string {
  const { file, line, row } = example;
  const cell = typeof row === "string" ? row : (row[column] ?? "");
  return `not one of the ${cells} filled cells of "${column}" can be read as a ${kind}, such as "${excerpt(cell, 40)}" (${file}, line ${line})`;
}

/** "2023-11-14 to 2023-12-13, read as compact-dates". */
export function describeTimes({ form, first, last }: TimesReport): string {
  const shown = (time: number): string => (isCalendar(form) ? dayOf(time) : String(time));
  return `${shown(first)} to ${shown(last)}, read as ${form}${isCalendar(form) ? "" : ": numbers that are no dates"}`;
}
