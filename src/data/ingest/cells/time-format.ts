/**
 * How the times of a column are written, and the SQL that reads them as seconds since 1970. One column has one form: a number such as
 * 20231114 or 45244 means a day only where nearly all numbers of its column do. What no form explains orders and no more.
 */
import type { DuckDBConnection } from "@duckdb/node-api";
import { countRows, literal, readColumns } from "../tables/database.ts";

export const TIME_FORMATS = [
  "auto",
  "dates",
  "compact-dates",
  "epoch",
  "epoch-seconds",
  "epoch-milliseconds",
  "epoch-microseconds",
  "epoch-nanoseconds",
  "epoch-days",
  "spreadsheet-days",
  "order",
] as const;

/** A form by name, or a pattern of strptime. */
export type TimeForm = Exclude<(typeof TIME_FORMATS)[number], "auto"> | (string & {});

export const ACCEPTED_TIMES =
  'accepted times: 2024-03-01, 2024-03-01T12:00:00+02:00, 20240301, epoch seconds to nanoseconds, days of a spreadsheet; others by timeFormat, such as "%d.%m.%Y %H:%M"';

/** A form that is guessed from numbers must explain nearly all of them; epochs are told by their size. */
const NEARLY_ALL = 0.95;
const HALF = 0.5;

/** Format and number range of compact dates from 1900 to 2100; checks of their parts by division. */
const COMPACT = [
  { format: "%Y", digits: 4, checks: ["n = floor(n)"] },
  { format: "%Y%m", digits: 6, checks: [month(1)] },
  { format: "%Y%m%d", digits: 8, checks: [month(1e2), day(1)] },
  { format: "%Y%m%d%H", digits: 10, checks: [month(1e4), day(1e2), below(24, 1)] },
  { format: "%Y%m%d%H%M", digits: 12, checks: [month(1e6), day(1e4), below(24, 1e2), below(60, 1)] },
  { format: "%Y%m%d%H%M%S", digits: 14, checks: [month(1e8), day(1e6), below(24, 1e4), below(60, 1e2), below(60, 1)] },
] as const;

/** Compact dates with hours have the size of epoch seconds from 2030 to 2036. */
const WITH_HOURS = "%Y%m%d%H";

/** The form of `cell` over all rows of a table. Numbers of several forms are read by the one that explains most. */
export async function timeFormOf(connection: DuckDBConnection, table: string, cell: string): Promise<TimeForm> {
  const cells = `(SELECT TRY_CAST(${cell} AS DOUBLE) AS n FROM ${table} WHERE coalesce(${cell}, '') <> '')`;
  const sizes = await countSizes(connection, cells);
  const numeric = [...sizes.values()].reduce((sum, count) => sum + count, 0) - (sizes.get(TEXT) ?? 0);
  if (numeric === 0) return "dates";
  const most = (count: number | undefined, share: number): boolean => (count ?? 0) >= share * numeric;
  for (const { format, checks } of COMPACT) {
    if (!most(sizes.get(format), NEARLY_ALL)) continue;
    if (most(await countRows(connection, `${cells} WHERE ${checks.join(" AND ")}`), NEARLY_ALL)) return "compact-dates";
  }
  if (most(sizes.get(SPREADSHEET), NEARLY_ALL)) return "spreadsheet-days";
  if (most((sizes.get(EPOCH) ?? 0) + (sizes.get(WITH_HOURS) ?? 0), HALF)) return "epoch";
  return (sizes.get(TEXT) ?? 0) > numeric ? "dates" : "order";
}

/** How many of the numbers n have the size of what; "text" for what is no number. Extremes of one size spare a second look. */
async function countSizes(connection: DuckDBConnection, cells: string): Promise<Map<string, number>> {
  const extremes = `SELECT min(n) AS low, max(n) AS high, count(n) AS numbers, count(*) AS filled FROM ${cells}`;
  const sql = `SELECT ${sizeOf("low")}, ${sizeOf("high")}, numbers, filled - numbers FROM (${extremes})`;
  const [[low], [high], [numbers], [texts]] = await readColumns(connection, sql);
  if (low === high && low !== OTHER)
    return new Map([
      [TEXT, Number(texts)],
      [String(low), Number(numbers)],
    ]);
  const counting = `SELECT ${sizeOf("n")} AS size, count(*) FROM ${cells} GROUP BY size`;
  const [sizes, counts] = await readColumns(connection, counting);
  return new Map(sizes.map((size, i) => [String(size), Number(counts[i])]));
}

const TEXT = "text";
const OTHER = "other";
const SPREADSHEET = "spreadsheet";
const EPOCH = "epoch";

function sizeOf(n: string): string {
  const compact = COMPACT.map(({ format, digits }) => {
    const size = 10 ** (digits - 4);
    return `WHEN ${n} BETWEEN ${1900 * size} AND ${2101 * size - 1} THEN ${literal(format)}`;
  });
  // Days since 1899-12-30, from 1990 to 2100; seconds from 1979 to 2103 in one of the units.
  const spreadsheet = `${n} BETWEEN 32874 AND 73415`;
  const epoch = ["", " * 1e3", " * 1e6", " * 1e9"].map((unit) => `${n} BETWEEN 3e8${unit} AND 4.2e9${unit}`);
  const named = [...compact, `WHEN ${spreadsheet} THEN '${SPREADSHEET}'`, `WHEN ${epoch.join(" OR ")} THEN '${EPOCH}'`];
  return `CASE WHEN ${n} IS NULL THEN '${TEXT}' ${named.join(" ")} ELSE '${OTHER}' END`;
}

/** Whether seconds of this form are those of a calendar, so that days between them mean something. */
export function isCalendar(form: TimeForm): boolean {
  return form !== "order";
}

/** The day of a time in seconds since 1970; the number itself beyond what a calendar holds. */
export function dayOf(seconds: number): string {
  const time = new Date(1000 * seconds);
  return Number.isNaN(time.getTime()) ? String(seconds) : time.toISOString().slice(0, 10);
}

/** SQL: seconds of a time cell, NaN where empty, NULL where the form does not explain it. Dates are UTC unless they name their zone. */
export function secondsOf(cell: string, form: TimeForm): string {
  return `CASE WHEN coalesce(${cell}, '') = '' THEN 'nan'::DOUBLE ELSE ${filledSeconds(cell, form)} END`;
}

function filledSeconds(cell: string, form: TimeForm): string {
  const number = `TRY_CAST(${cell} AS DOUBLE)`;
  const whereNumber = (seconds: string): string => `CASE WHEN isfinite(${number}) THEN ${seconds} END`;
  const orDate = (seconds: string): string =>
    `CASE WHEN ${number} IS NULL THEN ${dateSeconds(cell)} ELSE ${whereNumber(seconds)} END`;
  switch (form) {
    case "dates":
      return dateSeconds(cell);
    case "compact-dates":
      return orDate(compactSeconds(number));
    case "epoch":
      return orDate(`${number} / ${unitOf(number)}`);
    case "spreadsheet-days":
      return orDate(`round((${number} - 25569) * 86400, 3)`);
    case "epoch-seconds":
    case "order":
      return whereNumber(number);
    case "epoch-milliseconds":
      return whereNumber(`${number} / 1e3`);
    case "epoch-microseconds":
      return whereNumber(`${number} / 1e6`);
    case "epoch-nanoseconds":
      return whereNumber(`${number} / 1e9`);
    case "epoch-days":
      return whereNumber(`${number} * 86400`);
    default:
      return `epoch(try_strptime(trim(${cell}), ${literal(form)}))`;
  }
}

/** A day before the year 1000 is a day and a month taken for a year. */
function dateSeconds(cell: string): string {
  const date = `TRY_CAST(trim(${cell}) AS TIMESTAMPTZ)`;
  const isDate = `isfinite(${date}) AND ${date} >= '1000-01-01'::TIMESTAMPTZ AND left(ltrim(${cell}), 1) BETWEEN '0' AND '9'`;
  return `CASE WHEN ${isDate} THEN epoch(${date}) END`;
}

/** From 1e11 up a number is milli-, micro- or nanoseconds. */
function unitOf(number: string): string {
  const size = `abs(${number})`;
  return `CASE WHEN ${size} < 1e11 THEN 1 WHEN ${size} < 1e14 THEN 1e3 WHEN ${size} < 1e17 THEN 1e6 ELSE 1e9 END`;
}

function compactSeconds(number: string): string {
  const text = `TRY_CAST(${number} AS BIGINT)::VARCHAR`;
  const formats = COMPACT.map(
    ({ format, digits }) => `WHEN ${digits} THEN epoch(try_strptime(${text}, ${literal(format)}))`,
  );
  return `CASE length(${text}) ${formats.join(" ")} END`;
}

function part(size: number): string {
  return `(n::BIGINT // ${size}) % 100`;
}

function month(size: number): string {
  return `${part(size)} BETWEEN 1 AND 12`;
}

function day(size: number): string {
  return `${part(size)} BETWEEN 1 AND 31`;
}

function below(limit: number, size: number): string {
  return `${part(size)} < ${limit}`;
}
