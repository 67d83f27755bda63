/**
 * One pass over a text file before DuckDB reads it. What DuckDB then reads holds good records only: the file itself when
 * nothing was wrong, else a copy without the bad ones. Gzip, JSON arrays and the first rows alone are copied while they are scanned.
 */
import { TailrecError } from "../../../errors.ts";
import { type RunContext, throwIfInterrupted } from "../../../run-context.ts";
import { isJsonArray, readArrayBatches } from "../json/json-array.ts";
import type { Reject } from "../rejects.ts";
import { refuseForeign } from "../source/file-signature.ts";
import { openRecordCopy, type RecordCopy } from "../source/record-copy.ts";
import type { ScratchFolder } from "../source/scratch-folder.ts";
import { isGzip, readBytes, readHead } from "../source/source-bytes.ts";
import type { SourceFile } from "../source/source-file.ts";
import { type JudgedBatch, judgeRecords, textOf } from "./judged-records.ts";
import { createLineIndex, type LineIndex } from "./line-index.ts";
import { readRecordBatches } from "./text-batches.ts";
import { dialectOf } from "./text-dialect.ts";
import type { Dialect, TextRecord } from "./text-record.ts";

export interface ScanRequest {
  readonly source: SourceFile;
  /** The file of the source that is read, and what messages call it. */
  readonly path: string;
  readonly label: string;
  /** Names of the columns that are looked for. */
  readonly mapped: readonly string[];
  /** The header of the source's first file, where this is a later one: a file that was split has no other. */
  readonly earlier: readonly string[] | undefined;
  readonly scratch: ScratchFolder;
  /** Records to read at most; may be infinite. */
  readonly limit: number;
  readonly onRead: (bytes: number) => void;
  readonly onNote: (note: string) => void;
}

export interface TextScan {
  readonly dialect: Dialect;
  /** Names of the header; empty for JSON lines. */
  readonly columns: readonly string[];
  /** Lines of the good records, in file order. */
  readonly lines: LineIndex;
  readonly rejects: readonly Reject[];
  /** Whether the file has a header of its own. */
  readonly headed: boolean;
  /** Holds the good records, behind the header where `skipsHeader`. */
  readonly path: string;
  readonly skipsHeader: boolean;
}

/** Throws UNREADABLE_INPUT for a damaged gzip, a damaged header, a record without end or a file of another kind; OUTPUT_FAILED. */
export async function scanText(request: ScanRequest, context: RunContext): Promise<TextScan> {
  const { source, path, label, scratch, limit } = request;
  const head = await readHead(path, label);
  refuseForeign(label, head);
  refuseOldLineEnds(label, head);
  const dialect = dialectOf(source, head, request.mapped);
  const isArray = source.format === "jsonl" && isJsonArray(head);
  const batches = (): AsyncIterable<JudgedBatch> =>
    firstRecords(judgedBatches(request, dialect, isArray, context), limit);
  const copy = isArray || Number.isFinite(limit) || (await isGzip(path)) ? await openRecordCopy(scratch) : undefined;
  const { isClean, ...scan } = await gather(request, dialect, batches(), copy);
  if (copy !== undefined) return { ...scan, path: copy.path, skipsHeader: false };
  if (isClean) return { ...scan, path, skipsHeader: scan.headed };
  return { ...scan, path: await copyGood(batches(), scratch), skipsHeader: false };
}

async function* judgedBatches(
  { source, path, label, earlier, onRead, onNote }: ScanRequest,
  dialect: Dialect,
  isArray: boolean,
  context: RunContext,
): AsyncGenerator<JudgedBatch> {
  const chunks = readBytes(path, { label, onRead, onNote });
  const batches = isArray ? readArrayBatches(label, chunks) : readRecordBatches(label, chunks, dialect);
  const isNamed = source.header !== null;
  const judged = judgeRecords(batches, {
    path: label,
    dialect,
    hasHeader: source.format !== "jsonl",
    earlier,
    isNamed,
  });
  for await (const batch of judged) {
    throwIfInterrupted(context);
    yield batch;
  }
}

/** The batches up to the one in which `limit` good records are reached, and no further record of that. */
async function* firstRecords(batches: AsyncIterable<JudgedBatch>, limit: number): AsyncGenerator<JudgedBatch> {
  let left = limit;
  for await (const batch of batches) {
    yield batch.good.length > left ? { ...batch, good: batch.good.slice(0, left) } : batch;
    left -= batch.good.length;
    if (left <= 0) return;
  }
}

type Gathered = Omit<TextScan, "path" | "skipsHeader"> & { readonly isClean: boolean };

async function gather(
  { label, earlier }: ScanRequest,
  dialect: Dialect,
  batches: AsyncIterable<JudgedBatch>,
  copy: RecordCopy | undefined,
): Promise<Gathered> {
  let header: readonly string[] | undefined;
  const lines = createLineIndex();
  const rejects: Reject[] = [];
  const lineEnds = new Set<LineEnd>();
  let blanks = 0;
  try {
    for await (const batch of batches) {
      const { bytes, good, bad } = batch;
      if (batch.header !== null) {
        header = batch.header.names;
        lineEnds.add(lineEndOf(bytes, batch.header.record));
      }
      for (const record of good) {
        lines.add(record.line);
        lineEnds.add(lineEndOf(bytes, record));
      }
      for (const { record, reason } of bad) {
        rejects.push({ file: label, line: record.line, reason, row: textOf(bytes, record) });
      }
      blanks += batch.blanks;
      await copy?.write(bytes, good);
    }
  } finally {
    await copy?.close();
  }
  const isClean = rejects.length + blanks === 0 && !isMixed(lineEnds);
  return { dialect, columns: header ?? earlier ?? [], lines, rejects, headed: header !== undefined, isClean };
}

async function copyGood(batches: AsyncIterable<JudgedBatch>, scratch: ScratchFolder): Promise<string> {
  const copy = await openRecordCopy(scratch);
  try {
    for await (const { bytes, good } of batches) await copy.write(bytes, good);
  } finally {
    await copy.close();
  }
  return copy.path;
}

const NEWLINE = 10;
const RETURN = 13;

function refuseOldLineEnds(path: string, head: Buffer): void {
  const first = head.indexOf(RETURN);
  if (head.includes(NEWLINE) || first < 0 || first === head.length - 1) return;
  const message = `${path} ends its lines with carriage returns alone, as old Macs did; convert it (tr '\\r' '\\n')`;
  throw new TailrecError("UNREADABLE_INPUT", message);
}

type LineEnd = "none" | "lf" | "crlf" | "cr";

function lineEndOf(bytes: Buffer, { end, next }: TextRecord): LineEnd {
  if (next === end) return "none";
  if (next === end + 2) return "crlf";
  return bytes[end] === NEWLINE ? "lf" : "cr";
}

/** DuckDB wants one kind of line end throughout; the last line may do without. */
function isMixed(lineEnds: ReadonlySet<LineEnd>): boolean {
  return lineEnds.has("cr") || (lineEnds.has("lf") && lineEnds.has("crlf"));
}
