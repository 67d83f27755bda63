/** Rows of a version in LanceDB: made of items, read back and searched. */
import { TailrecError } from "../../errors.ts";
import { type SqlDialect, sqlCondition } from "../sql-filter.ts";
import { loadClient } from "../store-client.ts";
import type {
  AttributeValue,
  StoredAttribute,
  StoredHit,
  StoredItem,
  StoreQuery,
  VersionRecord,
} from "../store-kind.ts";
import { payloadOf, type Row } from "../stored-row.ts";
import type { LanceTable } from "./lancedb-client.ts";

export const packages = ["@lancedb/lancedb@0.31", "apache-arrow@18"];

/** Work within the time of a call, its errors in tailrec's words. */
export type Guard = <T>(work: () => Promise<T>, limitMs?: number) => Promise<T>;

/** Of 256 or more partitions; .99 of the lists. */
const PROBES = 64;

/** Columns of attributes stand under a prefix, so that none is called as one of ours. */
const ATTRIBUTE = "attribute_";

/** An item as a row of the table. */
export function rowOf({ attributes }: VersionRecord, row: number, item: StoredItem): Record<string, unknown> {
  const { id, title, source, support, uncertainty, vector } = item;
  const values = attributes.map(({ name }, a) => [`${ATTRIBUTE}${name}`, item.attributes[a]] as const);
  return { row, id, title, source, support, uncertainty, vector: Array.from(vector), ...Object.fromEntries(values) };
}

/** Rows read at a time. */
const READ_ROWS = 5000;

/** All items, in the order of the rows, whose numbers may have gaps. */
export async function* itemsOf(
  table: LanceTable,
  { attributes }: VersionRecord,
  guarded: Guard,
): AsyncGenerator<readonly StoredItem[]> {
  const count = await guarded(() => table.countRows());
  for (let begin = 0, read = 0; read < count; begin += READ_ROWS) {
    const window = `row >= ${begin} AND row < ${begin + READ_ROWS}`;
    const rows = await guarded(() => table.query().where(window).toArray());
    rows.sort((a, b) => Number(a.row) - Number(b.row));
    read += rows.length;
    yield rows.map((row) => itemOf(row, attributes));
  }
}

function itemOf(row: Row, attributes: readonly StoredAttribute[]): StoredItem {
  const attributeOf = ({ name, kind }: StoredAttribute): AttributeValue => {
    const value = row[`${ATTRIBUTE}${name}`];
    if (kind === "category") return Array.from((value ?? []) as Iterable<string>);
    return value === null || value === undefined ? null : Number(value);
  };
  return {
    ...payloadOf(row),
    attributes: attributes.map(attributeOf),
    vector: Float32Array.from(row.vector as Iterable<number>),
  };
}

/** Ids of all items. */
export async function idsOf(table: LanceTable, guarded: Guard): Promise<string[]> {
  const rows = await guarded(() => table.query().select(["id"]).toArray());
  return rows.map(({ id }) => String(id));
}

/** The Arrow schema of a version. */
export async function schemaOf({ attributes, dimension }: VersionRecord): Promise<unknown> {
  const { Schema, Field, Utf8, Int32, Float32, Float64, List, FixedSizeList } = await loadClient<ArrowModule>(
    "apache-arrow",
    packages,
  );
  const item = (type: unknown) => new Field("item", type, true);
  const own = attributes.map(
    ({ name, kind }) =>
      new Field(`${ATTRIBUTE}${name}`, kind === "category" ? new List(item(new Utf8())) : new Float64(), true),
  );
  return new Schema([
    new Field("row", new Int32(), false),
    ...["id", "title", "source"].map((name) => new Field(name, new Utf8(), false)),
    new Field("support", new Int32(), false),
    new Field("uncertainty", new Float32(), false),
    new Field("vector", new FixedSizeList(dimension, item(new Float32())), false),
    ...own,
  ]);
}

type Make<Arguments extends readonly unknown[]> = new (...given: Arguments) => unknown;

/** What is used of apache-arrow. */
interface ArrowModule {
  readonly Schema: Make<[fields: readonly unknown[]]>;
  readonly Field: Make<[name: string, type: unknown, nullable: boolean]>;
  readonly Utf8: Make<[]>;
  readonly Int32: Make<[]>;
  readonly Float32: Make<[]>;
  readonly Float64: Make<[]>;
  readonly List: Make<[field: unknown]>;
  readonly FixedSizeList: Make<[length: number, field: unknown]>;
}

/** The nearest among the rows that the filter leaves. */
export async function searchTable(
  table: LanceTable,
  { metric, attributes }: VersionRecord,
  { vector, count, filter }: StoreQuery,
): Promise<StoredHit[]> {
  const nearest = table.search(Array.from(vector)).distanceType(metric).nprobes(PROBES).limit(count);
  const filtered = filter === undefined ? nearest : nearest.where(sqlCondition(filter, attributes, dialect));
  // Lance gives 1 - cosine, and 1 - inner product.
  return (await filtered.toArray()).map((row) => ({ ...payloadOf(row), score: 1 - Number(row._distance) }));
}

const column = (attribute: string): string => {
  if (attribute.includes("`")) {
    throw new TailrecError(
      "INVALID_OPTIONS",
      `filter: LanceDB takes no attribute with a "\`" in its name: ${attribute}`,
    );
  }
  return `\`${ATTRIBUTE}${attribute}\``;
};

const dialect: SqlDialect = {
  parameter: (value) => (typeof value === "number" ? `CAST(${value} AS DOUBLE)` : literal(value)),
  idIn: (values) => `(id IN (${values.join(", ")}))`,
  hasAny: (attribute, values) => `coalesce(array_has_any(${column(attribute)}, [${values.join(", ")}]), false)`,
  number: column,
  hasValue: (attribute) => `(coalesce(array_length(${column(attribute)}), 0) > 0)`,
};

/** A text as SQL. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
