/** Columns of a table as texts, whatever its format: CSV, TSV, JSON lines or Parquet, gzip too. */
import { openSource } from "../../data/ingest/source/source-file.ts";
import { loadSource } from "../../data/ingest/source/source-table.ts";
import { identifier, readColumns, withDatabase } from "../../data/ingest/tables/database.ts";
import { TailrecError } from "../../errors.ts";

/** The named columns, row for row; null where a cell is empty. Throws as ingest does, and UNREADABLE_INPUT for a broken row, with its line. */
export async function readTextColumns(path: string, names: readonly string[]): Promise<(string | null)[][]> {
  const source = await openSource({ path });
  const columns = names.map((name, c) => ({ name: `c${c}`, source: name, list: false }));
  return withDatabase(async (connection) => {
    const raw = await loadSource({ connection, table: "rows", source, columns }, {});
    const [broken] = raw.rejects;
    if (broken !== undefined) {
      const message = `${broken.file}, line ${broken.line}: ${broken.reason}; mend the line, or export the file again`;
      throw new TailrecError("UNREADABLE_INPUT", message);
    }
    const selected = columns.map(({ name }) => identifier(name)).join(", ");
    const read = await readColumns(connection, `SELECT ${selected} FROM rows ORDER BY place`);
    return read.map((cells) => cells.map((cell) => (cell === null ? null : String(cell))));
  });
}
