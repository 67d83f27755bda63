/** The first rows of a table with all its columns, for whoever has to find out what they are. */
import { dirname } from "node:path";
import { TailrecError } from "../../errors.ts";
import type { RunContext } from "../../run-context.ts";
import { hasEncoding, openSource, type SourceOptions } from "./source/source-file.ts";
import { loadSource } from "./source/source-table.ts";
import { guessEncoding } from "./source/text-encoding.ts";
import { readColumns, withDatabase } from "./tables/database.ts";
import { type Cells, cellColumns, cellsOf } from "./tables/raw-cells.ts";

export interface TableSample {
  /** Of its first file, where relative paths of pictures start. */
  readonly folder: string;
  /** The format that a pipeline has to name, because neither the file's name nor its first bytes tell it. */
  readonly format?: string;
  /** The encoding that a pipeline has to name: rows are no UTF-8. A guess, as most such tables are so. */
  readonly encoding?: string;
  readonly rows: number;
  /** Whether these are all rows. */
  readonly isWhole: boolean;
  /** In the order of the file; those without a name are left out. */
  readonly columns: readonly SampledColumn[];
}

export interface SampledColumn {
  readonly name: string;
  readonly cells: Cells;
}

/**
 * Reads `limit` rows; `onNames` is told the names of the columns first, and may throw. Throws FILE_NOT_FOUND, EMPTY_INPUT and
 * UNREADABLE_INPUT, also for a pipe, which can be read once only.
 */
export async function sampleTable(
  options: SourceOptions,
  limit: number,
  context: RunContext,
  onNames?: (names: readonly string[]) => void,
): Promise<TableSample> {
  // An encoding is named, so that none is refused.
  const opened = await openSource({ ...options, encoding: "utf-8", otherwise: "csv" });
  const pipe = opened.parts.find(({ piped }) => piped);
  if (pipe !== undefined) {
    throw new TailrecError("UNREADABLE_INPUT", `${pipe.path} is a pipe; expected a file, which a pipeline can name`);
  }
  const encoding = hasEncoding(opened.format) ? await guessEncoding(opened.parts[0].path) : null;
  const source = { ...opened, encoding };
  return withDatabase(async (connection) => {
    // No column is called so: what comes back are the names of those that there are.
    const nothing = { name: "nothing", source: "\0", list: false, optional: true };
    const request = { connection, source, limit };
    const probe = await loadSource({ ...request, table: "probe", columns: [nothing] }, context);
    const names = probe.columns.filter((name) => name !== "");
    onNames?.(names);
    const columns = names.map((name, i) => ({ name: `cell${i}`, source: name, list: true }));
    const raw = await loadSource({ ...request, table: "sample", columns }, context);
    const selected = cellColumns(columns.map(({ name }) => name));
    const cells = cellsOf(await readColumns(connection, `SELECT ${selected} FROM sample ORDER BY place`));
    const rows = cells[0]?.length ?? 0;
    return {
      folder: dirname(source.parts[0].path),
      ...(source.isAssumed && { format: source.format }),
      ...(encoding !== null && { encoding }),
      rows,
      isWhole: raw.rows < limit,
      columns: names.map((name, i) => ({ name, cells: cells[i] })),
    };
  });
}
