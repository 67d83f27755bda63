/** Rows of a version in PostgreSQL: written, read back and searched. A vector stands in SQL as the text '[1,2,3]'. */
import { type SqlDialect, sqlCondition } from "../sql-filter.ts";
import type { AttributeValue, StoredHit, StoredItem, StoreQuery, VersionRecord } from "../store-kind.ts";
import { attributeValues, namedAttributes, payloadOf, type Row, shortNumbers } from "../stored-row.ts";
import type { Run } from "./postgres-client.ts";

/** Rows that are there stay as they are. */
export async function appendRows(
  run: Run,
  table: string,
  { attributes }: VersionRecord,
  begin: number,
  items: readonly StoredItem[],
): Promise<void> {
  const columns = [
    items.map((_, i) => begin + i),
    items.map(({ id }) => id),
    items.map(({ title }) => title),
    items.map(({ source }) => source),
    items.map(({ support }) => support),
    items.map(({ uncertainty }) => uncertainty),
    items.map((item) => namedAttributes(attributes, item.attributes)),
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
    yield rows.map((row) => ({
      ...payloadOf(row),
      uncertainty: Math.fround(Number(row.uncertainty)),
      attributes: attributeValues(row.attributes as Readonly<Record<string, AttributeValue>>, attributes),
      vector: Float32Array.from(JSON.parse(String(row.vector)) as number[]),
    }));
    last = Number(rows[rows.length - 1].row);
  }
}

const OPERATORS = { cosine: "<=>", dot: "<#>" } as const;

/**
 * Candidates that the index keeps at a time. 40, its own default, loses a tenth of the lists of uneven lengths; at 100,000 items 200 lose a
 * twentieth. 1000 is the most that pgvector takes.
 */
const searchWidth = (rows: number): number => Math.min(1000, Math.max(200, Math.ceil(rows / 125)));

/** So many rows or fewer that pass a filter are all compared. */
const EXACT_ROWS = 40_000;

const FIELDS = "id, title, source, support, uncertainty";

/**
 * The nearest rows. Those that pass a filter are compared one and all, where they are not very many. A graph that is scanned on until
 * enough pass loses more than half of the list, where the filter has little to do with what is near.
 */
export async function searchRows(
  run: Run,
  table: string,
  { metric, attributes, rows: all }: VersionRecord,
  { vector, count, filter }: StoreQuery,
): Promise<StoredHit[]> {
  const parameters: unknown[] = [vectorText(vector), count];
  const condition = filter && sqlCondition(filter, attributes, dialectOf(parameters));
  const distance = `embedding ${OPERATORS[metric]} $1::vector`;
  if (condition !== undefined) {
    const rows = await run(
      `WITH chosen AS MATERIALIZED (SELECT * FROM ${table} WHERE ${condition} LIMIT ${EXACT_ROWS + 1})
       SELECT ${FIELDS}, ${distance} AS distance, (SELECT count(*) FROM chosen) AS passing FROM chosen ORDER BY distance, row LIMIT $2`,
      parameters,
    );
    if (rows.length === 0 || Number(rows[0].passing) <= EXACT_ROWS) return hitsOf(rows, metric);
  }
  await run(
    `BEGIN; SET LOCAL hnsw.ef_search = ${Math.max(searchWidth(all), count)}; SET LOCAL hnsw.iterative_scan = strict_order`,
  );
  try {
    const where = condition === undefined ? "" : `WHERE ${condition}`;
    const nearest = `SELECT ${FIELDS}, ${distance} AS distance FROM ${table} ${where} ORDER BY ${distance} LIMIT $2`;
    return hitsOf(await run(nearest, parameters), metric);
  } finally {
    await run("COMMIT");
  }
}

function hitsOf(rows: readonly Row[], metric: VersionRecord["metric"]): StoredHit[] {
  return rows.map((row) => ({
    ...payloadOf(row),
    score: metric === "cosine" ? 1 - Number(row.distance) : -Number(row.distance),
  }));
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
  return `[${shortNumbers(vector).join(",")}]`;
}

/** A text as SQL. */
export function literal(text: string): string {
  return text.includes("\\")
    ? ` E'${text.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`
    : `'${text.replaceAll("'", "''")}'`;
}
