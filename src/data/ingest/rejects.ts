/**
 * Rows that could not be used: kept one by one with file, line and reason, summarised by reason, and held against
 * the share that the pipeline allows.
 */
import { TailrecError } from "../../errors.ts";
import { writeFileAtomic } from "../files/atomic-write.ts";

export interface Reject {
  readonly file: string;
  /** 1-based physical line where the row begins; in Parquet, the 1-based row. */
  readonly line: number;
  readonly reason: string;
  /** The mapped fields, or the raw line where it could not be split into fields. */
  readonly row: string | Readonly<Record<string, string | null>>;
}

export interface ReasonSummary {
  readonly reason: string;
  readonly count: number;
  /** The first few. */
  readonly samples: readonly Reject[];
}

export interface FileReport {
  readonly file: string;
  /** Rows read, good or bad; blank lines are none. */
  readonly rows: number;
  readonly rejected: number;
}

export interface InteractionsReport extends FileReport {
  readonly users: number;
  /** Distinct (user, item) pairs. */
  readonly pairs: number;
  /** Rows left out on purpose by `minimum`. */
  readonly belowMinimum: number;
  /** Rows that repeated a pair and were merged into it. */
  readonly merged: number;
  /** Kept rows whose time is empty. */
  readonly withoutTime: number;
  /** The median row's weight in the file, which counts 1: every weight is divided by it. */
  readonly weightUnit: number;
  /** Absent where nothing decays. */
  readonly decay?: {
    /** The day from which age is counted back, or the number where times are no dates. */
    readonly from: string;
    /** The share of its weight that the row of median age keeps. */
    readonly medianShare: number;
  };
  readonly itemsWithoutInteractions: number;
}

export interface UsersReport extends FileReport {
  /** Users of the file who have no interaction: no part of the training data. */
  readonly withoutInteractions: number;
  /** Users of the interactions whom the file does not name: without attributes. */
  readonly withoutAttributes: number;
}

export interface IngestReport {
  readonly items: FileReport;
  /** Absent after `ingestItems`. */
  readonly interactions?: InteractionsReport;
  /** Absent where the pipeline names no users file. */
  readonly users?: UsersReport;
  /** Rows left out, all of them. */
  readonly rejects: readonly Reject[];
  /** Cells that were read as missing; their rows are kept. */
  readonly missingCells: readonly Reject[];
  /** Interactions whose weight or time lies far outside the others'; they are kept, and decay is not counted from them. */
  readonly outliers: readonly Reject[];
  /** `rejects`, `missingCells` and `outliers` by reason, most frequent first. */
  readonly summary: readonly ReasonSummary[];
}

/** Below this share half of the interactions say next to nothing: a half-life or a clock may be wrong. */
const LEAST_SHARE = 1e-3;

/** One line on the decay of weights, with a warning where hardly anything is left of most. */
export function describeDecay({ from, medianShare }: NonNullable<InteractionsReport["decay"]>): string {
  const line = `weights decay back from ${from}; the median row keeps ${medianShare.toPrecision(2)} of its weight`;
  return medianShare < LEAST_SHARE ? `${line}: check halfLifeDays and the latest times` : line;
}

const SAMPLES = 3;

export function byLine(rejects: readonly Reject[]): Reject[] {
  return rejects.toSorted((a, b) => a.line - b.line);
}

export function summarise(rejects: readonly Reject[]): ReasonSummary[] {
  const byReason = new Map<string, { reason: string; count: number; samples: Reject[] }>();
  for (const reject of rejects) {
    const entry = byReason.get(reject.reason) ?? { reason: reject.reason, count: 0, samples: [] };
    entry.count++;
    if (entry.samples.length < SAMPLES) entry.samples.push(reject);
    byReason.set(reject.reason, entry);
  }
  return [...byReason.values()].sort((a, b) => b.count - a.count);
}

/** Throws TOO_MANY_REJECTS when more than `maximumShare` of the file's rows were rejected. */
export function checkRejectedShare(report: FileReport, rejects: readonly Reject[], maximumShare: number): void {
  if (report.rejected <= maximumShare * report.rows) return;
  const percent = (share: number): string => `${Number((100 * share).toFixed(2))} %`;
  const reasons = summarise(rejects).map(({ reason, count, samples }) => {
    const examples = samples.map(({ line, row }) => `line ${line}: ${excerpt(row)}`);
    return `${count} x ${reason} (${examples.join("; ")})`;
  });
  throw new TailrecError(
    "TOO_MANY_REJECTS",
    `${report.file}: ${report.rejected} of ${report.rows} rows rejected (${percent(report.rejected / report.rows)}, ` +
      `allowed ${percent(maximumShare)}): ${reasons.join(", ")}; mend the file or raise maximumRejectedShare`,
  );
}

/** Writes one JSON line a reject; `missingCells` and `outliers`, whose rows are kept, carry `"kept": true`. */
export async function writeRejects(report: IngestReport, path: string): Promise<void> {
  await writeFileAtomic(path, jsonLines(rejectRecords(report)));
}

/** Rejects, then what was kept, as `writeRejects` writes them. */
export function rejectRecords({ rejects, missingCells, outliers }: IngestReport): object[] {
  return [
    ...rejects.map((reject) => ({ ...reject, kept: false })),
    ...[...missingCells, ...outliers].map((row) => ({ ...row, kept: true })),
  ];
}

/** One JSON document a line. */
export function jsonLines(records: readonly object[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join("");
}

function excerpt(row: Reject["row"]): string {
  const text = typeof row === "string" ? row : JSON.stringify(row);
  return text.length <= 120 ? text : `${text.slice(0, 119)}…`;
}
