/**
 * A worker: record batches in Arrow's stream format come in, and go out again with the results, row for row. Whatever size batches
 * have, no more rows than `batch` are worked on together, and nothing is read while the reader of the results is behind.
 */
import type { Readable, Writable } from "node:stream";
import type { RecordBatch, Schema } from "apache-arrow";
import { outputFailed } from "../data/files/output-failure.ts";
import { TailrecError } from "../errors.ts";
import { messageOf } from "../file-errors.ts";
import { nearestName } from "../options.ts";
import { type RunContext, throwIfInterrupted } from "../run-context.ts";
import { inputRows } from "./arrow-input.ts";
import { arrowEncoder } from "./arrow-output.ts";
import { arrow } from "./arrow-package.ts";
import type { OpenedJob } from "./job.ts";
import { QUARANTINE } from "./record.ts";
import { runIsolated } from "./row-quarantine.ts";
import { wholeStream } from "./whole-stream.ts";

export interface WorkerStreams {
  readonly input: Readable;
  readonly output: Writable;
}

export interface WorkerOptions {
  /** Most rows worked on together. */
  readonly batch: number;
}

export interface WorkerCounts {
  readonly rows: number;
  readonly quarantined: number;
}

/** Runs the job until the input ends. UNREADABLE_INPUT for what is no Arrow stream, UNKNOWN_COLUMN without a column that the job needs. */
export async function runWorker(
  job: OpenedJob,
  { input, output }: WorkerStreams,
  { batch: most }: WorkerOptions,
  context: RunContext = {},
): Promise<WorkerCounts> {
  const encoder = arrowEncoder([...job.columns, { name: QUARANTINE, type: "text" }]);
  let [done, quarantined] = [0, 0];
  await write(output, encoder.begin);
  for await (const batch of batchesOf(input, job.needs)) {
    for (let begin = 0; begin < batch.numRows; begin += most) {
      throwIfInterrupted(context);
      const rows = inputRows(batch, begin, Math.min(begin + most, batch.numRows));
      const results = await runIsolated(job.run, rows);
      done += rows.rows;
      quarantined += results.filter((row) => (row[QUARANTINE] ?? null) !== null).length;
      await write(output, encoder.batch(results));
    }
  }
  const last = (await job.finish?.()) ?? [];
  if (last.length > 0) await write(output, encoder.batch(last));
  await write(output, encoder.end);
  return { rows: done, quarantined };
}

/** An input without a byte is a stream without a batch. */
async function* batchesOf(input: Readable, needs: readonly string[]): AsyncGenerator<RecordBatch> {
  const { chunks, isWhole } = wholeStream(input);
  const reader = await readable(async () => (await arrow.RecordBatchReader.from(chunks)).open({ autoDestroy: false }));
  if (reader.schema !== undefined) requireColumns(reader.schema, needs);
  const batches = reader[Symbol.asyncIterator]();
  for (let next = await readable(() => batches.next()); !next.done; next = await readable(() => batches.next())) {
    yield next.value;
  }
  for await (const _ of chunks);
  if (!isWhole()) unreadable(new Error("it has no end mark"));
}

async function readable<T>(read: () => Promise<T>): Promise<T> {
  return read().catch((cause: unknown) => unreadable(cause));
}

function requireColumns({ fields }: Schema, needs: readonly string[]): void {
  const names = fields.map(({ name }) => name);
  const missing = needs.find((name) => !names.includes(name));
  if (missing === undefined) return;
  const near = nearestName(missing, names);
  const remedy = near === undefined ? `it has ${names.join(", ") || "none"}` : `did you mean "${near}"?`;
  throw new TailrecError("UNKNOWN_COLUMN", `standard input: expected a column "${missing}"; ${remedy}`);
}

function unreadable(cause: unknown): never {
  const message = `standard input: expected an Arrow IPC stream (record batches), received something else or a part of one (${messageOf(cause)})`;
  throw new TailrecError("UNREADABLE_INPUT", message, { cause });
}

/** Ends when the bytes have been taken. OUTPUT_FAILED where nobody reads them any more. */
async function write(output: Writable, bytes: Uint8Array): Promise<void> {
  const cause = await new Promise<Error | null | undefined>((resolve) => output.write(bytes, resolve));
  if (cause) throw outputFailed("standard output", cause);
}
