/** How the times of an interactions file are read, held against what the pipeline asks of them. */
import { TailrecError } from "../../../errors.ts";
import { excerpt } from "../../../excerpt.ts";
import { messageOf } from "../../../file-errors.ts";
import type { ParsedInteractionsOptions } from "../ingest-options.ts";
import type { TimesReport } from "../rejects.ts";
import type { RawRequest } from "../tables/raw-table.ts";
import { ACCEPTED_TIMES, isCalendar, type TimeForm, timeFormOf } from "./time-format.ts";

/** The form of the column `time`. INVALID_OPTIONS where a decay by days is asked of times that are no dates. */
export async function requireTimeForm(
  { connection, table, source }: RawRequest,
  { columns, timeFormat, halfLifeDays }: ParsedInteractionsOptions,
): Promise<TimeForm> {
  if (columns.time === null) return "order";
  const form = timeFormat === "auto" ? await timeFormOf(connection, table, "time") : timeFormat;
  if (halfLifeDays === null || isCalendar(form)) return form;
  throw new TailrecError(
    "INVALID_OPTIONS",
    `${source.path}: halfLifeDays counts days, but the numbers in "${columns.time}" are no dates that can be told; set timeFormat (${ACCEPTED_TIMES}), or leave halfLifeDays out`,
  );
}

/** Undefined where no row has a time. */
export function describedTimes(times: Float64Array | undefined, form: TimeForm): TimesReport | undefined {
  if (times === undefined) return undefined;
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const time of times) {
    if (time < first) first = time;
    if (time > last) last = time;
  }
  return { form, first, last };
}

export function wrongPattern(pattern: string, cause: unknown): TailrecError {
  const message = `timeFormat: "${pattern}" is no pattern of strptime (${excerpt(messageOf(cause))}); write it as "%d.%m.%Y %H:%M"`;
  return new TailrecError("INVALID_OPTIONS", message, { cause });
}
