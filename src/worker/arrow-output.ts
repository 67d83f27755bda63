/**
 * Rows as Arrow record batches in the stream format: the schema once, a message a batch, the end mark. The bytes depend on the rows
 * alone. Reference: https://arrow.apache.org/docs/format/Columnar.html#ipc-streaming-format
 */
import {
  type DataType,
  Field,
  Float32,
  Float64,
  List,
  makeData,
  RecordBatch,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  Table,
  Utf8,
  vectorFromArray,
} from "apache-arrow";
import type { OutputColumn, OutputRow } from "./record.ts";

const TYPES: Readonly<Record<OutputColumn["type"], () => DataType>> = {
  text: () => new Utf8(),
  texts: () => new List(new Field("item", new Utf8(), true)),
  number: () => new Float64(),
  vector: () => new List(new Field("item", new Float32(), true)),
};

export interface ArrowEncoder {
  /** The schema message: what a stream begins with. */
  readonly begin: Uint8Array;
  /** The message of one batch. */
  batch(rows: readonly OutputRow[]): Uint8Array;
  readonly end: Uint8Array;
}

/** A continuation mark and a length of zero. */
const END_BYTES = 8;

export function arrowEncoder(columns: readonly OutputColumn[]): ArrowEncoder {
  const schema = new Schema(columns.map(({ name, type }) => new Field(name, TYPES[type](), true)));
  const empty = streamOf(new Table(schema));
  const begin = empty.subarray(0, empty.length - END_BYTES);
  return {
    begin,
    batch: (rows) => {
      const children = columns.map((column) => dataOf(column, rows));
      const data = makeData({ type: new Struct(schema.fields), length: rows.length, nullCount: 0, children });
      const whole = streamOf(new Table(schema, [new RecordBatch(schema, data)]));
      return whole.subarray(begin.length, whole.length - END_BYTES);
    },
    end: empty.subarray(begin.length),
  };
}

function streamOf(table: Table): Uint8Array {
  return RecordBatchStreamWriter.writeAll(table).toUint8Array(true);
}

function dataOf({ name, type }: OutputColumn, rows: readonly OutputRow[]) {
  const cells = rows.map((row) => row[name] ?? null);
  if (type === "vector") return vectorData(cells.map((cell) => (cell instanceof Float32Array ? cell : null)));
  return vectorFromArray(cells, TYPES[type]()).data[0];
}

function vectorData(cells: readonly (Float32Array | null)[]) {
  const offsets = new Int32Array(cells.length + 1);
  for (const [i, cell] of cells.entries()) offsets[i + 1] = offsets[i] + (cell?.length ?? 0);
  const values = new Float32Array(offsets[cells.length]);
  const valid = new Uint8Array(Math.ceil(cells.length / 8));
  for (const [i, cell] of cells.entries()) {
    if (cell === null) continue;
    values.set(cell, offsets[i]);
    valid[i >> 3] |= 1 << (i & 7);
  }
  const child = makeData({ type: new Float32(), length: values.length, nullCount: 0, data: values });
  return makeData({
    type: new List(new Field("item", new Float32(), true)),
    length: cells.length,
    nullCount: cells.filter((cell) => cell === null).length,
    nullBitmap: valid,
    valueOffsets: offsets,
    child,
  });
}
