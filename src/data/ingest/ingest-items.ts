/** The items file to a Catalog, in file order; leaves the table `catalog(id, code)` for the interactions. */
import { dirname, resolve } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { TailrecError } from "../../errors.ts";
import { excerpt } from "../../excerpt.ts";
import type { RunContext } from "../../run-context.ts";
import type { Catalog } from "../catalog.ts";
import type { ParsedItemsOptions } from "./ingest-options.ts";
import { createCatalog, mappedNames, type PictureFolders } from "./item-catalog.ts";
import type { NoteMissing } from "./item-fields.ts";
import { byLine, type FileReport, type LostColumn, type MissingCell, type Reject } from "./rejects.ts";
import type { SourceFile } from "./source/source-file.ts";
import { loadSource } from "./source/source-table.ts";
import { readColumns } from "./tables/database.ts";
import { type Cells, cellColumns, cellsOf } from "./tables/raw-cells.ts";
import type { AbsentColumn } from "./tables/raw-columns.ts";
import type { RawTable, RowPlace } from "./tables/raw-table.ts";

export interface IngestedItems {
  readonly catalog: Catalog;
  readonly report: FileReport;
  readonly rejects: readonly Reject[];
  readonly missingCells: readonly MissingCell[];
  /** Attributes of whose cells not one could be read. */
  readonly lostColumns: readonly LostColumn[];
  /** Mapped columns that the file lacks, where the pipeline allows that. */
  readonly absentColumns: readonly AbsentColumn[];
  readonly notes: readonly string[];
}

/** Relative pictures start from `options.imageFolder` in `folder`. Throws DUPLICATE_ITEM, and as `loadSource` does. */
export async function ingestItemsFile(
  connection: DuckDBConnection,
  source: SourceFile,
  options: ParsedItemsOptions,
  folder: string,
  context: RunContext,
  entity: "item" | "user" = "item",
): Promise<IngestedItems> {
  const names = mappedNames(options);
  const columns = names.map((name, i) => ({
    name: `cell${i}`,
    source: name,
    list: true,
    optional: options.absentColumns === "missing",
  }));
  const id = { name: "id", source: options.columns.id, list: false };
  const raw = await loadSource({ connection, table: "raw_items", source, columns: [id, ...columns] }, context);
  const rows = await readItemRows(connection, raw, names);
  refuseDuplicates(source, rows, entity);
  await connection.run(CATALOG);
  const missingCells: MissingCell[] = [];
  const noteMissing =
    (column: string): NoteMissing =>
    (row, text, reason) => {
      const item = rows.ids[row];
      missingCells.push({ ...rows.places[row], reason, row: { [id.source]: item, [column]: text }, item, column });
    };
  const catalog = createCatalog(rows, options, pictureFolders(source, options, folder), noteMissing);
  const rejects = byLine([...raw.rejects, ...(await readNameless(connection, raw, id.source, entity))]);
  return {
    catalog,
    report: { file: source.path, rows: raw.rows, rejected: rejects.length },
    rejects,
    missingCells,
    lostColumns: lostColumns(catalog, missingCells),
    absentColumns: raw.absent,
    notes: raw.notes,
  };
}

/** Attributes of which no item has a value though cells of theirs are filled. */
function lostColumns({ attributes }: Catalog, missingCells: readonly MissingCell[]): LostColumn[] {
  return attributes.flatMap(({ name, kind, values }) => {
    const isEmpty = kind === "category" ? values.every((list) => list.length === 0) : values.every(Number.isNaN);
    const cells = isEmpty ? missingCells.filter(({ column }) => column === name) : [];
    return cells.length === 0 ? [] : [{ column: name, kind, cells: cells.length, example: cells[0] }];
  });
}

const CATALOG =
  "CREATE TEMP TABLE catalog AS SELECT id, (row_number() OVER (ORDER BY place) - 1)::INTEGER AS code FROM raw_items WHERE id <> ''";

interface ItemRows {
  readonly ids: readonly string[];
  readonly places: readonly RowPlace[];
  /** By the column's name in the file. */
  readonly cells: ReadonlyMap<string, Cells>;
}

async function readItemRows(connection: DuckDBConnection, raw: RawTable, names: readonly string[]): Promise<ItemRows> {
  const cells = names.length === 0 ? "" : `, ${cellColumns(names.map((_, i) => `cell${i}`))}`;
  const sql = `SELECT place, id${cells} FROM raw_items WHERE id <> '' ORDER BY place`;
  const [places, ids, ...columns] = await readColumns(connection, sql);
  const found = cellsOf(columns);
  return {
    ids: ids.map(String),
    places: places.map((place) => raw.placeOf(Number(place))),
    cells: new Map(names.map((name, i) => [name, found[i]])),
  };
}

async function readNameless(
  connection: DuckDBConnection,
  raw: RawTable,
  column: string,
  entity: string,
): Promise<Reject[]> {
  const [places] = await readColumns(
    connection,
    "SELECT place FROM raw_items WHERE coalesce(id, '') = '' ORDER BY place",
  );
  const row = { [column]: null };
  return places.map((place) => ({
    ...raw.placeOf(Number(place)),
    reason: `missing ${entity} id`,
    row,
  }));
}

function pictureFolders(source: SourceFile, options: ParsedItemsOptions, folder: string): PictureFolders {
  const [first] = source.parts;
  const imageFolder = resolve(folder, options.imageFolder ?? (first.piped ? "." : dirname(first.path)));
  return { imageFolder, imageRoot: options.imageRoot === null ? imageFolder : resolve(folder, options.imageRoot) };
}

function refuseDuplicates(source: SourceFile, { ids, places }: ItemRows, entity: string): void {
  const first = new Map<string, number>();
  const repeated: string[] = [];
  for (const [row, id] of ids.entries()) {
    const earlier = first.get(id);
    if (earlier === undefined) first.set(id, row);
    else repeated.push(`"${excerpt(id)}" (${twoPlaces(places[earlier], places[row])})`);
  }
  if (repeated.length === 0) return;
  const more = repeated.length > 5 ? ` and ${repeated.length - 5} more` : "";
  const message = `${source.path} repeats ${entity} ids: ${repeated.slice(0, 5).join(", ")}${more}; keep one row ${entity === "item" ? "an item" : "a user"}`;
  throw new TailrecError("DUPLICATE_ITEM", message);
}

function twoPlaces(a: RowPlace, b: RowPlace): string {
  return a.file === b.file
    ? `lines ${a.line} and ${b.line}`
    : `${a.file}, line ${a.line}, and ${b.file}, line ${b.line}`;
}
