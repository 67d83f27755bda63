/**
 * Rows of the interactions file to a users x items matrix. SQL judges each row (the first reason that applies names
 * the reject), codes ids as integers and weighs: value = weight x event weight x 0.5^((latest - time) / half-life).
 */
import type { DuckDBConnection } from "@duckdb/node-api";
import { TailrecError } from "../errors.ts";
import { type RunContext, throwIfInterrupted } from "../run-context.ts";
import { literal, readColumns, readNumbers } from "./database.ts";
import type { ParsedInteractionsOptions } from "./ingest-options.ts";
import { createInteractions, type Interactions, itemSupport } from "./interactions.ts";
import type { RawColumn, RawTable } from "./raw-table.ts";
import type { InteractionsReport, Reject } from "./rejects.ts";
import type { SourceFile } from "./source-file.ts";
import { loadSource } from "./source-table.ts";

export interface IngestedInteractions {
  readonly interactions: Interactions;
  /** By first appearance. */
  readonly userIds: readonly string[];
  readonly report: InteractionsReport;
  readonly rejects: readonly Reject[];
}

/** Needs the table `catalog(id, code)` that `ingestItemsFile` leaves. `items` is its size. */
export async function ingestInteractionsFile(
  connection: DuckDBConnection,
  source: SourceFile,
  options: ParsedInteractionsOptions,
  items: number,
  context: RunContext,
): Promise<IngestedInteractions> {
  const columns = columnsOf(options);
  const raw = await loadSource({ connection, table: "raw_interactions", source, columns }, context);
  throwIfInterrupted(context);
  await connection.run(judgedRows(options));
  throwIfInterrupted(context);
  await connection.run(USERS);
  const [userIds] = await readColumns(connection, "SELECT id FROM users ORDER BY code");
  const triplets = await readTriplets(connection, options);
  const merged = createInteractions(userIds.length, items, triplets, options.duplicates);
  const rejects = [...raw.rejects, ...(await readRejects(connection, source, columns, raw))];
  rejects.sort((a, b) => a.line - b.line);
  const [[below]] = await readColumns(connection, "SELECT count(*)::INTEGER FROM judged WHERE reason = ''");
  const report = {
    file: source.path,
    rows: raw.rows,
    rejected: rejects.length,
    users: userIds.length,
    pairs: merged.indices.length,
    belowMinimum: Number(below),
    merged: triplets.values.length - merged.indices.length,
    withoutTime: options.columns.time === null ? 0 : triplets.times.filter(Number.isNaN).length,
    itemsWithoutInteractions: itemSupport(merged).filter((support) => support === 0).length,
  };
  return { interactions: merged, userIds: userIds.map(String), report, rejects };
}

/** Throws NOT_ENOUGH_DATA when nothing can be learned from who met what. */
export function checkEnoughInteractions({ file, users, pairs }: InteractionsReport): void {
  if (users >= 2) return;
  const received = `${users} user${users === 1 ? "" : "s"} with ${pairs} interactions`;
  throw new TailrecError(
    "NOT_ENOUGH_DATA",
    `${file}: expected at least 2 users, received ${received}; check columns.user`,
  );
}

function columnsOf(options: ParsedInteractionsOptions): RawColumn[] {
  const names = { ...options.columns, minimum: options.minimum?.column ?? null };
  return Object.entries(names).flatMap(([name, source]) => (source === null ? [] : [{ name, source, list: false }]));
}

/** `judged`: one row a raw row; reason NULL keeps it, '' leaves it out on purpose, anything else rejects it. */
function judgedRows(options: ParsedInteractionsOptions): string {
  const { weight, event, time } = options.columns;
  const events = Object.entries(options.eventWeights).map(
    ([name, value]) => `WHEN ${literal(name)} THEN ${value}::DOUBLE`,
  );
  const parsed = [
    weight === null ? "1::DOUBLE AS parsed_weight" : "TRY_CAST(weight AS DOUBLE) AS parsed_weight",
    event === null ? "1::DOUBLE AS event_weight" : `CASE event ${events.join(" ")} END AS event_weight`,
    time === null
      ? "'nan'::DOUBLE AS seconds"
      : `CASE WHEN time IS NULL THEN 'nan'::DOUBLE ELSE ${SECONDS} END AS seconds`,
    options.minimum === null ? "NULL AS compared" : "TRY_CAST(minimum AS DOUBLE) AS compared",
  ];
  const reasons = [
    ['"user" IS NULL OR "user" = \'\'', "missing user id"],
    ["item IS NULL OR item = ''", "missing item id"],
    ["code IS NULL", "unknown item"],
    weight !== null && ["weight IS NULL", "missing weight"],
    ["parsed_weight IS NULL", "unparsable weight"],
    ["NOT isfinite(parsed_weight) OR parsed_weight > 1e38", "non-finite weight"],
    ["parsed_weight <= 0", "non-positive weight"],
    ["event_weight IS NULL", "unknown event"],
    ["seconds IS NULL", "unparsable time"],
    options.halfLifeDays !== null && ["isnan(seconds)", "missing time"],
    options.minimum !== null && ["compared IS NULL OR isnan(compared)", `unparsable ${options.minimum.column}`],
    options.minimum !== null && [`compared < ${options.minimum.value}::DOUBLE`, ""],
  ].filter((reason) => reason !== false);
  const cases = reasons.map(([condition, reason]) => `WHEN ${condition} THEN ${literal(reason)}`);
  return (
    `CREATE TEMP TABLE judged AS SELECT place, id, code, parsed_weight * event_weight AS value, seconds, ` +
    `CASE ${cases.join(" ")} END AS reason FROM (` +
    `SELECT raw.rowid AS place, raw.*, raw."user" AS id, catalog.code AS code, ${parsed.join(", ")} ` +
    `FROM raw_interactions raw LEFT JOIN catalog ON raw.item = catalog.id)`
  );
}

/** Digits are seconds, or from 1e11 up milli-, micro- and nanoseconds; everything else is a date, in UTC unless it names its zone. */
const NUMBER = "TRY_CAST(time AS DOUBLE)";
const SECONDS =
  `CASE WHEN ${NUMBER} IS NULL THEN CASE WHEN isfinite(TRY_CAST(time AS TIMESTAMPTZ)) THEN epoch(TRY_CAST(time AS TIMESTAMPTZ)) END ` +
  `WHEN NOT isfinite(${NUMBER}) THEN NULL ` +
  `ELSE ${NUMBER} / CASE WHEN abs(${NUMBER}) < 1e11 THEN 1 WHEN abs(${NUMBER}) < 1e14 THEN 1e3 WHEN abs(${NUMBER}) < 1e17 THEN 1e6 ELSE 1e9 END END`;

const USERS =
  "CREATE TEMP TABLE users AS SELECT id, (row_number() OVER (ORDER BY first) - 1)::INTEGER AS code " +
  "FROM (SELECT id, min(place) AS first FROM judged WHERE reason IS NULL GROUP BY id)";

async function readTriplets(connection: DuckDBConnection, options: ParsedInteractionsOptions) {
  const decay =
    options.halfLifeDays === null
      ? "value"
      : `value * pow(0.5::DOUBLE, ((SELECT max(seconds) FROM judged WHERE reason IS NULL) - seconds) / ${86_400 * options.halfLifeDays}::DOUBLE)`;
  const [users, items, values, times] = await readNumbers(
    connection,
    // The smallest normal number keeps a very old interaction from vanishing.
    `SELECT users.code, judged.code, greatest(${decay}, 1e-300), seconds FROM judged JOIN users USING (id) WHERE reason IS NULL ORDER BY place`,
  );
  return { users, items, values, times };
}

async function readRejects(
  connection: DuckDBConnection,
  source: SourceFile,
  columns: readonly RawColumn[],
  raw: RawTable,
): Promise<Reject[]> {
  const names = columns.map(({ name }) => `raw."${name}"`).join(", ");
  const [places, reasons, ...cells] = await readColumns(
    connection,
    `SELECT place, reason, ${names} FROM judged JOIN raw_interactions raw ON raw.rowid = place WHERE reason <> '' ORDER BY place`,
  );
  return places.map((place, i) => ({
    file: source.path,
    line: raw.lineOf(Number(place)),
    reason: String(reasons[i]),
    row: Object.fromEntries(
      columns.map(({ source: name }, c) => [name, cells[c][i] === null ? null : String(cells[c][i])]),
    ),
  }));
}
