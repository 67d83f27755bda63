/**
 * A row that makes its batch fail must not take its neighbours with it, nor the partition. The batch is halved until the row stands
 * alone, and that row is set aside with the reason. What would fail for every row ends the worker: a retry elsewhere may help.
 */
import { type ErrorCode, TailrecError } from "../errors.ts";
import type { OpenedJob } from "./job.ts";
import { type InputRows, type OutputRow, QUARANTINE } from "./record.ts";

/** Faults of the machine or of the request, never of a row. */
const FATAL: readonly ErrorCode[] = [
  "INTERRUPTED",
  "MODEL_MISSING",
  "MODEL_INVALID",
  "OUTPUT_FAILED",
  "BUNDLE_CORRUPT",
  "BUNDLE_MISSING",
  "INVALID_OPTIONS",
  "UNKNOWN_COLUMN",
];

/** The rows that `run` gives, with those set aside that it cannot be given. Throws what is no row's fault. */
export async function runIsolated(run: OpenedJob["run"], rows: InputRows): Promise<readonly OutputRow[]> {
  try {
    return await run(rows);
  } catch (error) {
    if (error instanceof TailrecError && FATAL.includes(error.code)) throw error;
    if (rows.rows <= 1) return Array.from({ length: rows.rows }, () => ({ [QUARANTINE]: reasonOf(error) }));
    const half = Math.floor(rows.rows / 2);
    const first = await runIsolated(run, part(rows, 0, half));
    return [...first, ...(await runIsolated(run, part(rows, half, rows.rows)))];
  }
}

function reasonOf(error: unknown): string {
  const code = error instanceof TailrecError ? error.code : "INTERNAL";
  return `${code}: ${error instanceof Error ? error.message : String(error)}`;
}

function part(rows: InputRows, begin: number, end: number): InputRows {
  return {
    rows: end - begin,
    names: rows.names,
    text: (name, row) => rows.text(name, begin + row),
    texts: (name, row) => rows.texts(name, begin + row),
    numbers: (name, row) => rows.numbers(name, begin + row),
  };
}
