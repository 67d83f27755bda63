/** Parquet to a raw table: every column as text, the list columns as lists of texts. */
import { TailrecError } from "../../errors.ts";
import { globLiteral, identifier, readColumns } from "./database.ts";
import { absentCells, countRows, type RawColumn, type RawRequest, type RawTable, requireColumns } from "./raw-table.ts";

/** Throws UNKNOWN_COLUMN, EMPTY_INPUT. */
export async function loadParquet(request: RawRequest): Promise<RawTable> {
  const { connection, table, source, columns } = request;
  const reader = `read_parquet(${globLiteral(source.path)})`;
  const [names, types] = await readColumns(
    connection,
    `SELECT column_name, column_type FROM (DESCRIBE FROM ${reader})`,
  );
  requireColumns(request, names.map(String));
  const cells = columns.map((column) => {
    const place = names.indexOf(column.source);
    return `${place < 0 ? absentCells(column) : cellsOf(column, String(types[place]))} AS ${identifier(column.name)}`;
  });
  await connection.run(`CREATE TEMP TABLE ${table} AS SELECT ${cells.join(", ")} FROM ${reader}`);
  const rows = await countRows(connection, table);
  if (rows === 0) throw new TailrecError("EMPTY_INPUT", `${source.path} has no rows`);
  return { rows, lineOf: (rowid) => rowid + 1, rejects: [] };
}

function cellsOf({ source, list }: RawColumn, type: string): string {
  return list ? listOf(identifier(source), type.endsWith("[]")) : `${identifier(source)}::VARCHAR`;
}

function listOf(cell: string, isList: boolean): string {
  return `list_filter(${isList ? `${cell}::VARCHAR[]` : `[${cell}::VARCHAR]`}, lambda text: text IS NOT NULL)`;
}
