/** Rows as the text of a table, and as Parquet: for tests that need one table in many forms. */
import { fillParquetFile } from "../../src/data/files/parquet-file.ts";

export type Row = Readonly<Record<string, string | number>>;

/** A header, then the rows, every cell quoted. */
export function separated(rows: readonly Row[], separator: string): string {
  const quoted = (value: unknown) => `"${String(value).replaceAll('"', '""')}"`;
  const lines = [Object.keys(rows[0]), ...rows.map((row) => Object.values(row).map(quoted))];
  return lines.map((cells) => `${cells.join(separator)}\n`).join("");
}

/** Texts as texts, numbers as doubles. */
export function writeParquet(path: string, rows: readonly Row[]): Promise<void> {
  const columns = Object.entries(rows[0]).map(([name, value]) => ({
    name,
    type: typeof value === "string" ? ("text" as const) : ("double" as const),
  }));
  const cells = columns.map(
    ({ name }) =>
      (row: number) =>
        rows[row][name],
  );
  return fillParquetFile(path, columns, [{ rows: rows.length, cells }]);
}
