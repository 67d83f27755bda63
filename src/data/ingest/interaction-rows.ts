/**
 * The SQL of the interactions file: each row is judged (the first reason that applies names the reject), its id coded
 * as an integer. What a kept row counts is another module's (row-weights.ts).
 */
import { DELETED } from "./catalog-table.ts";
import { type NumberForm, numberOf } from "./cells/number-form.ts";
import { secondsOf, type TimeForm } from "./cells/time-format.ts";
import type { ParsedInteractionsOptions } from "./ingest-options.ts";
import { literal } from "./tables/database.ts";

/** Beyond it a weight is a fault of the data, and float32 could not hold it. */
export const LARGEST_WEIGHT = 1e30;

/** Rows left out on purpose, as they stand in `judged`; whatever else is wrong with them. */
export const LEFT_OUT = {
  ignoredEvent: "(ignored event)",
  belowMinimum: "(below minimum)",
  deletedItem: "(deleted item)",
  erasedUser: "(erased user)",
} as const;

/**
 * The table `judged`, one row a row of `raw_interactions`: place, id, code, value, seconds, reason. A NULL reason keeps
 * the row, one of `LEFT_OUT` leaves it out on purpose, anything else rejects it. Needs `catalog(id, code)` and `erased(user_hash, seconds)`.
 * Without erased users no id is hashed.
 */
export function judgedRows(
  options: ParsedInteractionsOptions,
  forms: CellForms,
  { someErased }: { readonly someErased: boolean },
): string {
  const cases = reasonsOf(options).map(([condition, reason]) => `WHEN ${condition} THEN ${literal(reason)}`);
  return (
    `CREATE TEMP TABLE judged AS SELECT place, id, code, weight * event_weight AS value, seconds, ` +
    `CASE ${cases.join(" ")} END AS reason FROM (${parsedRows(options, forms, someErased)})`
  );
}

/** How the cells of each column are written. */
export interface CellForms {
  readonly time: TimeForm;
  readonly weight: NumberForm;
  readonly minimum: NumberForm;
}

/** The table `users(id, code)`, by first appearance in `judged`. */
export const USERS =
  "CREATE TEMP TABLE users AS SELECT id, (row_number() OVER (ORDER BY first) - 1)::INTEGER AS code " +
  "FROM (SELECT id, min(place) AS first FROM judged WHERE reason IS NULL GROUP BY id)";

/** User code, item code, value (an SQL expression) and seconds (NaN where unknown) of every kept row, in file order. */
export function keptRows(value: string): string {
  return `SELECT users.code, judged.code, ${value}, seconds FROM judged JOIN users USING (id) WHERE reason IS NULL ORDER BY place`;
}

function parsedRows(options: ParsedInteractionsOptions, forms: CellForms, someErased: boolean): string {
  const { weight, event, time } = options.columns;
  const events = Object.entries(options.eventWeights).map(
    ([name, value]) => `WHEN ${literal(name)} THEN ${value === "ignore" ? IGNORED : value}::DOUBLE`,
  );
  const cells = [
    "raw.place AS place",
    `raw."user" AS id`,
    "raw.item AS item",
    "catalog.code AS code",
    `${someErased ? ERASED_AT : "NULL::DOUBLE"} AS erased_at`,
    `${weight === null ? "1::DOUBLE" : numberOf("raw.weight", forms.weight)} AS weight`,
    `${event === null ? "1::DOUBLE" : `CASE raw.event ${events.join(" ")} END`} AS event_weight`,
    `${time === null ? "'nan'::DOUBLE" : secondsOf("raw.time", forms.time)} AS seconds`,
    `${options.minimum === null ? "NULL" : numberOf("raw.minimum", forms.minimum)} AS compared`,
  ];
  return `SELECT ${cells.join(", ")} FROM raw_interactions raw LEFT JOIN catalog ON raw.item = catalog.id`;
}

const ERASED_AT = '(SELECT erased.seconds FROM erased WHERE erased.user_hash = sha256(raw."user"))';

/** The weight that marks an event to be ignored. */
const IGNORED = -1;

function reasonsOf({ minimum, halfLifeDays }: ParsedInteractionsOptions): (readonly [string, string])[] {
  return [
    [`event_weight = ${IGNORED}`, LEFT_OUT.ignoredEvent],
    ...(minimum === null ? [] : ([[`compared < ${minimum.value}::DOUBLE`, LEFT_OUT.belowMinimum]] as const)),
    ["erased_at IS NOT NULL AND NOT seconds > erased_at", LEFT_OUT.erasedUser],
    ["coalesce(id, '') = ''", "missing user id"],
    ["coalesce(item, '') = ''", "missing item id"],
    [`code = ${DELETED}`, LEFT_OUT.deletedItem],
    ["code IS NULL", "unknown item"],
    ["weight IS NULL", "unparsable weight"],
    [`NOT abs(weight) <= ${LARGEST_WEIGHT}::DOUBLE`, "non-finite weight"],
    ["weight <= 0", "non-positive weight"],
    ["event_weight IS NULL", "unknown event"],
    ["seconds IS NULL", "unparsable time"],
    ...(halfLifeDays === null ? [] : ([["isnan(seconds)", "missing time"]] as const)),
    ...(minimum === null ? [] : ([["compared IS NULL OR isnan(compared)", `unparsable ${minimum.column}`]] as const)),
  ];
}
