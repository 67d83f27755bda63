/** Arrow streams as other programs write and read them. */
import { Readable, Writable } from "node:stream";
import {
  Field,
  Float32,
  Int32,
  List,
  makeData,
  RecordBatch,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  Table,
  tableFromIPC,
  Utf8,
  vectorFromArray,
} from "apache-arrow";
import type { OpenedJob } from "../../src/worker/job.ts";
import { runWorker, type WorkerCounts } from "../../src/worker/worker.ts";

const types = {
  text: () => new Utf8(),
  texts: () => new List(new Field("element", new Utf8(), true)),
  integers: () => new List(new Field("element", new Int32(), true)),
  floats: () => new List(new Field("element", new Float32(), true)),
};

type Cell = string | number | readonly string[] | readonly number[] | null;
export type Columns = Readonly<Record<string, { readonly type: keyof typeof types; readonly cells: readonly Cell[] }>>;

/** A stream of one batch a part; all rows in one where `cuts` is empty. */
export function arrowBytes(columns: Columns, cuts: readonly number[] = []): Uint8Array {
  const [first] = Object.values(columns);
  const bounds = [0, ...cuts, first.cells.length];
  const schema = new Schema(Object.entries(columns).map(([name, { type }]) => new Field(name, types[type](), true)));
  const batches = bounds.slice(1).map((end, i) => batchOf(schema, columns, bounds[i], end));
  return RecordBatchStreamWriter.writeAll(new Table(schema, batches)).toUint8Array(true);
}

function batchOf(schema: Schema, columns: Columns, begin: number, end: number): RecordBatch {
  const children = Object.values(columns).map(
    ({ type, cells }) => vectorFromArray(cells.slice(begin, end), types[type]()).data[0],
  );
  const type = new Struct(schema.fields);
  return new RecordBatch(schema, makeData({ type, length: end - begin, nullCount: 0, children }));
}

export interface WorkerOutcome {
  readonly counts: WorkerCounts;
  readonly bytes: Buffer;
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

/** The job on a stream, with the rows as plain values. */
export async function work(job: OpenedJob, input: Uint8Array, batch = 4096): Promise<WorkerOutcome> {
  const chunks: Buffer[] = [];
  const output = new Writable({
    highWaterMark: 1024,
    write: (chunk: Buffer, _, done) => {
      chunks.push(Buffer.from(chunk));
      setImmediate(done);
    },
  });
  const counts = await runWorker(job, { input: Readable.from([Buffer.from(input)]), output }, { batch });
  const bytes = Buffer.concat(chunks);
  return { counts, bytes, rows: rowsIn(bytes) };
}

export function rowsIn(bytes: Uint8Array): Readonly<Record<string, unknown>>[] {
  const table = tableFromIPC(bytes);
  return Array.from({ length: table.numRows }, (_, row) =>
    Object.fromEntries(
      table.schema.fields.map(({ name }) => {
        const cell: unknown = table.getChild(name)?.get(row) ?? null;
        const isList = typeof cell === "object" && cell !== null && Symbol.iterator in cell;
        return [name, isList ? Array.from(cell as Iterable<unknown>) : cell];
      }),
    ),
  );
}
