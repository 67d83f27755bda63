/**
 * Rows that could not be used: kept one by one with file, line and reason, summarised by reason, and held against
 * the share that the pipeline allows.
 */
import { TailrecError } from "../../errors.ts";
import { excerpt } from "../../excerpt.ts";
import type { Attribute } from "../catalog.ts";
import { writeFileAtomic } from "../files/atomic-write.ts";
import { ACCEPTED_NUMBERS } from "./cells/number-text.ts";
import { ACCEPTED_TIMES } from "./cells/time-format.ts";
import { INVALID_UTF8, NAME_ENCODING } from "./source/text-encoding.ts";
import type { AbsentColumn } from "./tables/raw-columns.ts";

export interface Reject {
  readonly file: string;
  /** 1-based physical line where the row begins; in Parquet, the 1-based row. */
  readonly line: number;
  readonly reason: string;
  /** The mapped fields, or the raw line where it could not be split into fields. */
  readonly row: string | Readonly<Record<string, string | null>>;
}

/** A cell that is read as missing; its row is kept. */
export interface MissingCell extends Reject {
  /** Id of the item, or of the user. */
  readonly item: string;
  readonly column: string;
}

export interface ReasonSummary {
  readonly reason: string;
  readonly count: number;
  /** The first few. */
  readonly samples: readonly Reject[];
  /** What could be read instead, where the reason is a form or an encoding. */
  readonly accepted?: string;
}

/** An attribute of whose filled cells not one could be read. */
export interface LostColumn {
  readonly column: string;
  readonly kind: Attribute["kind"];
  readonly cells: number;
  readonly example: MissingCell;
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
  /** Rows left out on purpose by `minimum`, whatever else is wrong with them. */
  readonly belowMinimum: number;
  /** Rows left out on purpose, as `eventWeights` ignores their event. */
  readonly ignoredEvents: number;
  /** Rows left out, as the log of a service deleted their item. */
  readonly ofDeletedItems: number;
  /** Rows left out, as the log of a service says that their user was erased since. */
  readonly ofErasedUsers: number;
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
    /** The same in seconds. */
    readonly latest: number;
    /** The share of its weight that the row of median age keeps. */
    readonly medianShare: number;
  };
  readonly itemsWithoutInteractions: number;
  /** How the times were read; absent where no row has one. */
  readonly times?: TimesReport;
}

export interface HeldOutReport extends InteractionsReport {
  /** Pairs of users without a training interaction: nobody can be asked about them. */
  readonly ofUnknownUsers: number;
  /** Pairs that training has too: what a user has is never listed. */
  readonly alsoInTraining: number;
}

export interface TimesReport {
  /** One of TIME_FORMATS, or the pattern that the pipeline names. */
  readonly form: string;
  /** The first and the last, in seconds since 1970, or as numbers that only order. */
  readonly first: number;
  readonly last: number;
}

export interface UsersReport extends FileReport {
  /** Users of the file who have no interaction: no part of the training data. */
  readonly withoutInteractions: number;
  /** Users of the interactions whom the file does not name: without attributes. */
  readonly withoutAttributes: number;
}

/** What the log of a service added to the files. */
export interface LogReport extends FileReport {
  /** Items that came, and known ones that changed. */
  readonly newItems: number;
  readonly changedItems: number;
  /** Items of the file that are gone. */
  readonly deletedItems: number;
  /** Events that are no later than the interactions, which are taken to hold them. */
  readonly seenEvents: number;
}

export interface IngestReport {
  readonly items: FileReport;
  /** Absent after `ingestItems`. */
  readonly interactions?: InteractionsReport;
  /** Absent where the pipeline names no file of held-out interactions. */
  readonly heldOut?: HeldOutReport;
  /** Absent where the pipeline names no users file. */
  readonly users?: UsersReport;
  /** Absent where the pipeline names no log. */
  readonly log?: LogReport;
  /** Rows left out, all of them. */
  readonly rejects: readonly Reject[];
  readonly missingCells: readonly MissingCell[];
  /** Interactions whose weight or time lies far outside the others'; they are kept, and decay is not counted from them. */
  readonly outliers: readonly Reject[];
  /** `rejects`, `missingCells` and `outliers` by reason, most frequent first. */
  readonly summary: readonly ReasonSummary[];
  readonly lostColumns: readonly LostColumn[];
  /** Mapped columns that the files lack, where the pipeline allows that. */
  readonly absentColumns: readonly AbsentColumn[];
  /** What is worth knowing of the files: what was left unread, what has no header. */
  readonly notes: readonly string[];
}

/** Below this share half of the interactions say next to nothing: a half-life or a clock may be wrong. */
const LEAST_SHARE = 1e-3;

/** One line on the decay of weights, with a warning where hardly anything is left of most. */
export function describeDecay({
  from,
  medianShare,
}: Pick<NonNullable<InteractionsReport["decay"]>, "from" | "medianShare">): string {
  const line = `weights decay back from ${from}; the median row keeps ${medianShare.toPrecision(2)} of its weight`;
  return medianShare < LEAST_SHARE ? `${line}: check halfLifeDays and the latest times` : line;
}

const SAMPLES = 3;

export function byLine(rejects: readonly Reject[]): Reject[] {
  return rejects.toSorted((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1));
}

export function summarise(rejects: readonly Reject[]): ReasonSummary[] {
  const byReason = new Map<string, Reject[]>();
  for (const reject of rejects) {
    const alike = byReason.get(reject.reason);
    if (alike === undefined) byReason.set(reject.reason, [reject]);
    else alike.push(reject);
  }
  const summaries = [...byReason].map(([reason, alike]) => {
    const accepted = acceptedFor(reason);
    return { reason, count: alike.length, samples: alike.slice(0, SAMPLES), ...(accepted && { accepted }) };
  });
  return summaries.sort((a, b) => b.count - a.count);
}

/** The forms that a cell might have had, where its form was the reason. */
function acceptedFor(reason: string): string | undefined {
  if (/^unparsable time/.test(reason)) return ACCEPTED_TIMES;
  if (/^(unparsable|ambiguous) (number|price)/.test(reason)) return ACCEPTED_NUMBERS;
  if (reason === INVALID_UTF8) return NAME_ENCODING;
  return /^unparsable /.test(reason) ? "accepted numbers: 12, 12.99, 12,99, 1e3" : undefined;
}

/** Throws TOO_MANY_REJECTS when more than `maximumShare` of the file's rows were rejected. */
export function checkRejectedShare(report: FileReport, rejects: readonly Reject[], maximumShare: number): void {
  if (report.rejected <= maximumShare * report.rows) return;
  const percent = (share: number): string => `${Number((100 * share).toFixed(2))} %`;
  const reasons = summarise(rejects).map(({ reason, count, samples, accepted }) => {
    const examples = samples.map(({ line, row }) => `line ${line}: ${excerptOf(row)}`);
    return `${count} x ${reason} (${[...examples, ...(accepted ? [accepted] : [])].join("; ")})`;
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

function excerptOf(row: Reject["row"]): string {
  return excerpt(typeof row === "string" ? row : JSON.stringify(row));
}
