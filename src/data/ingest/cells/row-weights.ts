/**
 * What a kept row counts: value = weight x event weight / unit x 0.5^(age / half-life).
 * The unit is the median row's weight: a typical row counts 1 whatever weights are measured in, and only their ratios matter.
 * Age is counted back from the latest time that is no outlier: one row dated years ahead would make all others worthless.
 */
import type { DuckDBConnection } from "@duckdb/node-api";
import type { ParsedInteractionsOptions } from "../ingest-options.ts";
import { LARGEST_WEIGHT } from "../interaction-rows.ts";
import { countRows, readNumbers } from "../tables/database.ts";
import { dayOf } from "./time-format.ts";

const SECONDS_A_DAY = 86_400;
/** Keeps a very old or very light row above zero. */
const SMALLEST = 1e-300;

/** The rows that count, as they stand behind FROM. */
export const KEPT = "judged WHERE reason IS NULL";

export interface RowWeighing {
  /** The weight that counts 1. */
  readonly unit: number;
  /** Absent where nothing decays. */
  readonly decay?: {
    /** Seconds of a half-life. */
    readonly halfLife: number;
    /** The time from which age is counted back, in seconds; later rows are of age 0. */
    readonly latest: number;
    /** The share of its weight that the row of median age keeps. */
    readonly medianShare: number;
  };
}

/** What is known of the weighing before the rows are seen: measured on rows that these follow. */
export interface KnownWeighing {
  /** The weight that counts 1. */
  readonly unit: number;
  /** Age is counted back from this time, in seconds, or from a later one. */
  readonly latest?: number;
}

/** Unit and latest time: measured on the kept rows of the table `judged` where they are not known. */
export async function measureWeighing(
  connection: DuckDBConnection,
  { columns, halfLifeDays }: Pick<ParsedInteractionsOptions, "columns" | "halfLifeDays">,
  known?: KnownWeighing,
): Promise<RowWeighing> {
  const rows = await countRows(connection, KEPT);
  if (rows === 0) return { unit: known?.unit ?? 1 };
  const countsAlike = columns.weight === null && columns.event === null;
  const unit = known?.unit ?? (countsAlike ? 1 : Math.max(await medianOf(connection, "value"), SMALLEST));
  if (halfLifeDays === null) return { unit };
  const halfLife = SECONDS_A_DAY * halfLifeDays;
  const newest = `SELECT seconds FROM ${KEPT} ORDER BY seconds DESC LIMIT ${Math.floor(MOST_OUTLIERS * rows) + 1}`;
  const [times] = await readNumbers(connection, newest);
  const latest = Math.max(latestTime(times, GAP * halfLife), known?.latest ?? Number.NEGATIVE_INFINITY);
  const median = await medianOf(connection, "seconds");
  return { unit, decay: { halfLife, latest, medianShare: 0.5 ** ((latest - median) / halfLife) } };
}

async function medianOf(connection: DuckDBConnection, column: "value" | "seconds"): Promise<number> {
  const [[median]] = await readNumbers(connection, `SELECT quantile_disc(${column}, 0.5) FROM ${KEPT}`);
  return median;
}

/** The share of the rows that may be outliers. */
const MOST_OUTLIERS = 1 / 20;
/** A gap of so many half-lives makes an outlier: by it all other rows would count less than an eighth. */
const GAP = 3;

/** The latest of the times (newest first) that is not cut off from the one before it by more than `gap`; the earliest of several gaps counts. */
export function latestTime(newestFirst: ArrayLike<number>, gap: number): number {
  let latest = newestFirst[0];
  for (let p = 1; p < newestFirst.length; p++) {
    if (newestFirst[p - 1] - newestFirst[p] > gap) latest = newestFirst[p];
  }
  return latest;
}

/** The SQL expression of a row's value, over the columns `value` and `seconds`. */
export function valueExpression({ unit, decay }: RowWeighing): string {
  const weight = `least(value / ${unit}::DOUBLE, ${LARGEST_WEIGHT}::DOUBLE)`;
  const age = decay && `greatest(${decay.latest}::DOUBLE - seconds, 0::DOUBLE)`;
  const value = decay ? `${weight} * pow(0.5::DOUBLE, ${age} / ${decay.halfLife}::DOUBLE)` : weight;
  return `greatest(${value}, ${SMALLEST}::DOUBLE)`;
}

/** The share of a weight that is left once its age is counted back from `to` in place of `from`, both in seconds. */
export function shareLeft(halfLifeDays: number, from: number, to: number): number {
  return 0.5 ** ((to - from) / (SECONDS_A_DAY * halfLifeDays));
}

/** A weight so many times the median row's is worth a look. */
const HEAVY = 1e6;

/** Kept rows that lie far outside the others: what is said of them, and the SQL condition that finds them. */
export function outlierRules({ unit, decay }: RowWeighing): { readonly reason: string; readonly condition: string }[] {
  const heavy = {
    reason: "weight more than a million times the median row's",
    condition: `reason IS NULL AND value / ${unit}::DOUBLE > ${HEAVY}`,
  };
  if (decay === undefined) return [heavy];
  const late = {
    reason: `time far after all others; decay is counted from the latest of these, ${dayOf(decay.latest)}`,
    condition: `reason IS NULL AND seconds > ${decay.latest}::DOUBLE`,
  };
  return [heavy, late];
}
