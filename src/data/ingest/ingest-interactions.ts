/** The interactions file to a users x items matrix: SQL judges and weighs the rows, `createInteractions` merges them. */
import type { DuckDBConnection } from "@duckdb/node-api";
import { TailrecError } from "../../errors.ts";
import { type RunContext, throwIfInterrupted } from "../../run-context.ts";
import { createInteractions, type Interactions, itemSupport, type Triplets } from "../interactions.ts";
import { writeErasedTable } from "./catalog-table.ts";
import { describedTimes, requireTimeForm, wrongPattern } from "./cells/interaction-times.ts";
import { type NumberForm, numberFormOf } from "./cells/number-form.ts";
import {
  KEPT,
  type KnownWeighing,
  measureWeighing,
  outlierRules,
  type RowWeighing,
  valueExpression,
} from "./cells/row-weights.ts";
import { dayOf } from "./cells/time-format.ts";
import type { ParsedInteractionsOptions } from "./ingest-options.ts";
import { type CellForms, judgedRows, keptRows, LEFT_OUT, USERS } from "./interaction-rows.ts";
import { byLine, type InteractionsReport, type Reject } from "./rejects.ts";
import type { ErasedUsers } from "./service-log/erased-users.ts";
import type { SourceFile } from "./source/source-file.ts";
import { loadSource } from "./source/source-table.ts";
import { countRows, identifier, literal, readColumns, readNumbers } from "./tables/database.ts";
import type { RawColumn } from "./tables/raw-columns.ts";
import type { RawRequest, RawTable } from "./tables/raw-table.ts";

export interface IngestedInteractions {
  readonly interactions: Interactions;
  /** By first appearance. */
  readonly userIds: readonly string[];
  readonly report: InteractionsReport;
  readonly rejects: readonly Reject[];
  /** Kept rows whose weight or time lies far outside the others'. */
  readonly outliers: readonly Reject[];
  readonly notes: readonly string[];
}

export interface InteractionsContext extends RunContext {
  /** Unit and latest time of the weights, where they are known: 1 leaves weights as the file has them. */
  readonly weighing?: KnownWeighing;
  /** Users whose earlier rows are left out, and are no rejects. */
  readonly erased?: ErasedUsers;
}

/** Needs the table `catalog(id, code)` that `ingestItemsFile` leaves; `items` is its size. Throws as `loadSource` does. */
export async function ingestInteractionsFile(
  connection: DuckDBConnection,
  source: SourceFile,
  options: ParsedInteractionsOptions,
  items: number,
  context: InteractionsContext,
): Promise<IngestedInteractions> {
  const request = { connection, table: "raw_interactions", source, columns: columnsOf(options) };
  const raw = await loadSource(request, context);
  throwIfInterrupted(context);
  const forms = await formsOf(request, options);
  const { erased = new Map() } = context;
  await writeErasedTable(connection, erased);
  const judging = judgedRows(options, forms, { someErased: erased.size > 0 });
  await connection.run(judging).catch((cause: unknown) => {
    throw options.timeFormat.includes("%") ? wrongPattern(options.timeFormat, cause) : cause;
  });
  await connection.run(USERS);
  throwIfInterrupted(context);
  const [userIds] = await readColumns(connection, "SELECT id FROM users ORDER BY code");
  const weighing = await measureWeighing(connection, options, context.weighing);
  const kept = await countRows(connection, KEPT);
  const [users, columns, values, times] = await readNumbers(connection, keptRows(valueExpression(weighing)), kept);
  const triplets = { users, items: columns, values, times };
  const interactions = createInteractions(userIds.length, items, triplets, options.duplicates);
  const rejects = byLine([...raw.rejects, ...(await readRejects(request, raw))]);
  const outliers = byLine(await readOutliers(request, raw, weighing));
  const base = { file: source.path, rows: raw.rows, rejected: rejects.length };
  const { unit: weightUnit, decay } = weighing;
  const described = describedTimes(interactions.times, forms.time);
  const report = {
    ...base,
    ...countKept(interactions, triplets, options),
    ignoredEvents: await countLeftOut(connection, LEFT_OUT.ignoredEvent),
    belowMinimum: await countLeftOut(connection, LEFT_OUT.belowMinimum),
    ofDeletedItems: await countLeftOut(connection, LEFT_OUT.deletedItem),
    ofErasedUsers: await countLeftOut(connection, LEFT_OUT.erasedUser),
    weightUnit,
    ...(described && { times: described }),
    ...(decay && {
      decay: { from: dayOf(decay.latest), latest: decay.latest, medianShare: decay.medianShare },
    }),
  };
  return { interactions, userIds: userIds.map(String), report, rejects, outliers, notes: raw.notes };
}

/** How the columns are written, each judged as a whole. */
async function formsOf(request: RawRequest, options: ParsedInteractionsOptions): Promise<CellForms> {
  const { connection, table, columns } = request;
  const numberForm = async (name: "weight" | "minimum"): Promise<NumberForm> =>
    columns.some((column) => column.name === name) ? numberFormOf(connection, table, name) : "point";
  const time = await requireTimeForm(request, options);
  return { time, weight: await numberForm("weight"), minimum: await numberForm("minimum") };
}

function countLeftOut(connection: DuckDBConnection, reason: string): Promise<number> {
  return countRows(connection, `judged WHERE reason = ${literal(reason)}`);
}

/** Throws NOT_ENOUGH_DATA when nothing can be learned from who met what. */
export function checkEnoughInteractions({ file, users, pairs }: InteractionsReport): void {
  if (users >= 2) return;
  const counted = (n: number, noun: string) => `${n} ${noun}${n === 1 ? "" : "s"}`;
  const received = `${counted(users, "user")} with ${counted(pairs, "interaction")}`;
  const message = `${file}: expected at least 2 users, received ${received}; check columns.user`;
  throw new TailrecError("NOT_ENOUGH_DATA", message);
}

function columnsOf(options: ParsedInteractionsOptions): RawColumn[] {
  const names = { ...options.columns, minimum: options.minimum?.column ?? null };
  return Object.entries(names).flatMap(([name, source]) => (source === null ? [] : [{ name, source, list: false }]));
}

function countKept(interactions: Interactions, { values, times }: Triplets, options: ParsedInteractionsOptions) {
  const isTimed = options.columns.time !== null && times !== undefined;
  return {
    users: interactions.rows,
    pairs: interactions.indices.length,
    merged: values.length - interactions.indices.length,
    withoutTime: isTimed ? countUnknown(times) : 0,
    itemsWithoutInteractions: itemSupport(interactions).filter((support) => support === 0).length,
  };
}

function countUnknown(times: ArrayLike<number>): number {
  let count = 0;
  for (let p = 0; p < times.length; p++) if (Number.isNaN(times[p])) count++;
  return count;
}

function readRejects(request: RawRequest, raw: RawTable): Promise<Reject[]> {
  const leftOut = Object.values(LEFT_OUT).map(literal).join(", ");
  return readRows(request, raw, "reason", `reason NOT IN (${leftOut})`);
}

async function readOutliers(request: RawRequest, raw: RawTable, weighing: RowWeighing): Promise<Reject[]> {
  let found: Reject[] = [];
  for (const { reason, condition } of outlierRules(weighing)) {
    found = [...found, ...(await readRows(request, raw, literal(reason), condition))];
  }
  return found;
}

/** The rows of `judged` that fulfil an SQL condition, with a reason (an SQL expression). */
async function readRows(
  { connection, columns }: RawRequest,
  raw: RawTable,
  reason: string,
  condition: string,
): Promise<Reject[]> {
  const names = columns.map(({ name }) => `raw.${identifier(name)}`).join(", ");
  const [places, reasons, ...cells] = await readColumns(
    connection,
    `SELECT place, ${reason}, ${names} FROM judged JOIN raw_interactions raw USING (place) WHERE ${condition} ORDER BY place`,
  );
  const textAt = (column: number, row: number): string | null =>
    cells[column][row] === null ? null : String(cells[column][row]);
  return places.map((place, row) => ({
    ...raw.placeOf(Number(place)),
    reason: String(reasons[row]),
    row: Object.fromEntries(columns.map(({ source: name }, column) => [name, textAt(column, row)])),
  }));
}
