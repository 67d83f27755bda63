/** The cells of an Arrow record batch. Texts, lists and numbers of any width are read; dictionaries too. */
import type { DataType, RecordBatch, Vector } from "apache-arrow";
import { arrow } from "./arrow-package.ts";
import type { InputRows } from "./record.ts";

/** Rows `begin` to `end`, exclusive, of a batch. */
export function inputRows(batch: RecordBatch, begin: number, end: number): InputRows {
  const columns = new Map(batch.schema.fields.map(({ name }) => [name, batch.getChild(name)]));
  const lists = new Map([...columns].map(([name, column]) => [name, column && plainLists(column)]));
  const cell = (name: string, row: number): unknown => columns.get(name)?.get(begin + row) ?? null;
  return {
    rows: end - begin,
    names: [...columns.keys()],
    text: (name, row) => textOf(cell(name, row), columns.get(name)),
    texts: (name, row) => textsOf(cell(name, row), columns.get(name)),
    numbers: (name, row) => lists.get(name)?.(begin + row) ?? numbersOf(cell(name, row)),
  };
}

function textOf(value: unknown, column: Vector | null | undefined): string | null {
  if (value === null || value === undefined) return null;
  // As Parquet files are read: 24.0 is not 24.
  const isWhole = typeof value === "number" && Number.isInteger(value) && arrow.DataType.isFloat(column?.type);
  return isWhole && Math.abs(value) < 1e15 ? value.toFixed(1) : String(value);
}

function textsOf(value: unknown, column: Vector | null | undefined): readonly string[] | null {
  if (!isList(value)) {
    const text = textOf(value, column);
    return text === null ? null : [text];
  }
  return Array.from(value, (entry) => textOf(entry, null)).filter((text) => text !== null);
}

/** Lists of plain numbers as they lie side by side in memory: no object a cell. Undefined for any other column. */
function plainLists(column: Vector): ((row: number) => Float64Array | undefined) | undefined {
  const [data] = column.data;
  const [child] = data.children;
  const isWhole = column.data.length === 1 && data.offset === 0 && child?.offset === 0 && child.nullCount === 0;
  if (!isWhole || !arrow.DataType.isList(column.type) || !isPlain(child.type)) return undefined;
  const { valueOffsets } = data;
  return (row) =>
    data.getValid(row) ? new Float64Array(child.values.subarray(valueOffsets[row], valueOffsets[row + 1])) : undefined;
}

function numbersOf(value: unknown): Float64Array | null {
  // What the usual lists are: as a whole, which is ten times as fast as number by number.
  if (value instanceof arrow.Vector && value.nullCount === 0 && isPlain(value.type))
    return new Float64Array(value.toArray());
  return isList(value) ? Float64Array.from(value, (entry) => (entry === null ? Number.NaN : Number(entry))) : null;
}

/** Numbers that lie in memory as JavaScript has them: no halves, no integers of 64 bits. */
function isPlain(type: DataType): boolean {
  return arrow.DataType.isFloat(type) ? type.precision > 0 : arrow.DataType.isInt(type) && type.bitWidth <= 32;
}

function isList(value: unknown): value is Iterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.iterator in value;
}
