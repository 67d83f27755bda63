/**
 * Rows as Arrow record batches in the stream format: the schema once, a message a batch, the end mark. The bytes depend on the rows
 * alone. Reference: https://arrow.apache.org/docs/format/Columnar.html#ipc-streaming-format
 */
import type { DataType, Float32, Int32, Table } from "apache-arrow";
import { arrow } from "./arrow-package.ts";
import type { OutputColumn, OutputRow } from "./record.ts";

const TYPES: Readonly<Record<OutputColumn["type"], () => DataType>> = {
  text: () => new arrow.Utf8(),
  texts: () => new arrow.List(new arrow.Field("item", new arrow.Utf8(), true)),
  number: () => new arrow.Float64(),
  vector: () => new arrow.List(new arrow.Field("item", new arrow.Float32(), true)),
  integers: () => new arrow.List(new arrow.Field("item", new arrow.Int32(), true)),
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
  const schema = new arrow.Schema(columns.map(({ name, type }) => new arrow.Field(name, TYPES[type](), true)));
  const empty = streamOf(new arrow.Table(schema));
  const begin = empty.subarray(0, empty.length - END_BYTES);
  return {
    begin,
    batch: (rows) => {
      const children = columns.map((column) => dataOf(column, rows));
      const data = arrow.makeData({
        type: new arrow.Struct(schema.fields),
        length: rows.length,
        nullCount: 0,
        children,
      });
      const whole = streamOf(new arrow.Table(schema, [new arrow.RecordBatch(schema, data)]));
      return whole.subarray(begin.length, whole.length - END_BYTES);
    },
    end: empty.subarray(begin.length),
  };
}

function streamOf(table: Table): Uint8Array {
  return arrow.RecordBatchStreamWriter.writeAll(table).toUint8Array(true);
}

function dataOf({ name, type }: OutputColumn, rows: readonly OutputRow[]) {
  const cells = rows.map((row) => row[name] ?? null);
  switch (type) {
    case "vector": {
      const lists = cells.map((cell) => (cell instanceof Float32Array ? cell : null));
      return listData(lists, new arrow.Float32(), (length) => new Float32Array(length));
    }
    case "integers": {
      const lists = cells.map((cell) => (cell instanceof Int32Array ? cell : null));
      return listData(lists, new arrow.Int32(), (length) => new Int32Array(length));
    }
    default:
      return arrow.vectorFromArray(cells, TYPES[type]()).data[0];
  }
}

function listData<V extends Float32Array | Int32Array>(
  cells: readonly (V | null)[],
  type: Float32 | Int32,
  room: (length: number) => V,
) {
  const offsets = new Int32Array(cells.length + 1);
  for (const [i, cell] of cells.entries()) offsets[i + 1] = offsets[i] + (cell?.length ?? 0);
  const values = room(offsets[cells.length]);
  const valid = new Uint8Array(Math.ceil(cells.length / 8));
  for (const [i, cell] of cells.entries()) {
    if (cell === null) continue;
    values.set(cell, offsets[i]);
    valid[i >> 3] |= 1 << (i & 7);
  }
  const child = new arrow.Data(type, 0, values.length, 0, [undefined, values]);
  return arrow.makeData({
    type: new arrow.List(new arrow.Field("item", type, true)),
    length: cells.length,
    nullCount: cells.filter((cell) => cell === null).length,
    nullBitmap: valid,
    valueOffsets: offsets,
    child,
  });
}
