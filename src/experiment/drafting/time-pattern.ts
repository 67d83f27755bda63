/**
 * Dates that put the day or the month first, as "24.12.2024" or "12/24/2024 8:26": which of the two comes first is told by the cells that
 * allow one order alone. All other forms `timeFormat: auto` tells by itself (data/ingest/cells/time-format.ts).
 */
import type { ColumnFacts } from "./column-facts.ts";

const DATE = /^(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})(?<clock>[ T]\d{1,2}:\d{2}(?<seconds>:\d{2})?)?$/;

const MONTHS = 12;

export interface TimePattern {
  /** For strptime. */
  readonly pattern: string;
  /** Whether the cells allow this order of day and month alone. */
  readonly isClear: boolean;
}

/**
 * Undefined where `auto` reads the column, and where no order explains it. A point parts day and month in no country that puts months
 * first; where cells do not tell, the day is first, as most of the world has it.
 */
export function timePatternOf({ texts }: ColumnFacts): TimePattern | undefined {
  const matches = texts.map((text) => DATE.exec(text)).filter((match) => match !== null);
  if (matches.length === 0 || matches.length < 0.95 * texts.length) return undefined;
  const [[, , mark, , year]] = matches;
  const isDayFirst = mark === "." || matches.some(([, first]) => Number(first) > MONTHS);
  const isMonthFirst = matches.some(([, , , second]) => Number(second) > MONTHS);
  if (isDayFirst && isMonthFirst) return undefined;
  const days = isMonthFirst ? ["%m", "%d"] : ["%d", "%m"];
  const date = [...days, year.length === 4 ? "%Y" : "%y"].join(mark);
  return { pattern: `${date}${clockOf(matches[0])}`, isClear: isDayFirst || isMonthFirst };
}

function clockOf({ groups }: RegExpExecArray): string {
  const { clock, seconds } = groups ?? {};
  if (clock === undefined) return "";
  return `${clock[0]}%H:%M${seconds === undefined ? "" : ":%S"}`;
}
