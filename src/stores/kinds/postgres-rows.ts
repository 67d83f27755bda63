/** Rows of a version in PostgreSQL: written, read back and searched. A vector stands in SQL as the text '[1,2,3]'. */
import { type SqlDialect, sqlCondition } from "../sql-filter.ts";
import {
  type AttributeValue,
  attributeValues,
  type StoredHit,
  type StoredItem,
  type StoreQuery,
  type VersionRecord,
} from "../store-kind.ts";
import type { Run } from "./postgres-client.ts";

/** Rows that are there stay as they are. */
export async function appendRows(
  run: Run,
  table: string,
  { attributes }: VersionRecord,
  begin: number,
  items: readonly StoredItem[],
): Promise<void> {
  const named = ({ attributes: values }: StoredItem) =>
    JSON.stringify(Object.fromEntries(attributes.map(({ name }, a) => [name, values[a]])));
  const columns = [
    items.map((_, i) => begin + i),
    items.map(({ id }) => id),
    items.map(({ title }) => title),
    items.map(({ source }) => source),
    items.map(({ support }) => support),
    items.map(({ uncertainty }) => uncertainty),
    items.map(named),
    items.map(({ vector }) => vectorText(vector)),
  ];
  await run(
    `INSERT INTO ${table} SELECT r, i, t, s, n, u, a::jsonb, e::vector
     FROM unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::int[], $6::real[], $7::text[], $8::text[]) AS given(r, i, t, s, n, u, a, e)
     ON CONFLICT DO NOTHING`,
    columns,
  );
}

/** Rows read at a time. */
const READ_ROWS = 1000;

export async function* itemsOf(
  run: Run,
  table: string,
  { attributes }: VersionRecord,
): AsyncGenerator<readonly StoredItem[]> {
  for (let last = -1; ; ) {
    const rows = await run(
      `SELECT row, id, title, source, support, uncertainty, attributes, embedding::text AS vector FROM ${table}
       WHERE row > $1 ORDER BY row LIMIT ${READ_ROWS}`,
      [last],
    );
    if (rows.length === 0) return;
    yield rows.map(({ id, title, source, support, uncertainty, attributes: named, vector }) => ({
      id: String(id),
      title: String(title),
      source: String(source),
      support: Number(support),
      uncertainty: Math.fround(Number(uncertainty)),
      attributes: attributeValues(named as Readonly<Record<string, AttributeValue>>, attributes),
      vector: Float32Array.from(JSON.parse(String(vector)) as number[]),
    }));
    last = Number(rows[rows.length - 1].row);
  }
}

const OPERATORS = { cosine: "<=>", dot: "<#>" } as const;

/** Candidates that the index keeps at a time; 40, its own default, loses a tenth of the lists of uneven lengths. */
const SEARCH_WIDTH = 200;

/** The nearest by the index, which is scanned on until the filter leaves enough. */
export async function searchRows(
  run: Run,
  table: string,
  { metric, attributes }: VersionRecord,
  { vector, count, filter }: StoreQuery,
): Promise<StoredHit[]> {
  const parameters: unknown[] = [vectorText(vector), count];
  const condition = filter && sqlCondition(filter, attributes, dialectOf(parameters));
  await run(
    `BEGIN; SET LOCAL hnsw.ef_search = ${Math.max(SEARCH_WIDTH, count)}; SET LOCAL hnsw.iterative_scan = strict_order`,
  );
  try {
    const rows = await run(
      `SELECT id, title, source, support, uncertainty, embedding ${OPERATORS[metric]} $1::vector AS distance FROM ${table}
       ${condition === undefined ? "" : `WHERE ${condition}`} ORDER BY embedding ${OPERATORS[metric]} $1::vector LIMIT $2`,
      parameters,
    );
    return rows.map(({ id, title, source, support, uncertainty, distance }) => ({
      id: String(id),
      title: String(title),
      source: String(source),
      support: Number(support),
      uncertainty: Number(uncertainty),
      score: metric === "cosine" ? 1 - Number(distance) : -Number(distance),
    }));
  } finally {
    await run("COMMIT");
  }
}

function dialectOf(parameters: unknown[]): SqlDialect {
  const parameter = (value: string | number | readonly string[]): string => {
    parameters.push(value);
    return `$${parameters.length}`;
  };
  return {
    parameter: (value) => `${parameter(value)}::${typeof value === "number" ? "double precision" : "text"}`,
    idIn: (values) => `(id IN (${values.join(", ")}))`,
    hasAny: (attribute, values) =>
      `coalesce(attributes -> ${literal(attribute)} ?| ARRAY[${values.join(", ")}], false)`,
    number: (attribute) => `(attributes ->> ${literal(attribute)})::double precision`,
    hasValue: (attribute) => `(coalesce(jsonb_array_length(attributes -> ${literal(attribute)}), 0) > 0)`,
  };
}

function vectorText(vector: Float32Array): string {
  return `[${vector.join(",")}]`;
}

/** A text as SQL. */
export function literal(text: string): string {
  return text.includes("\\")
    ? ` E'${text.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`
    : `'${text.replaceAll("'", "''")}'`;
}
