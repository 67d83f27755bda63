/** The items file to a Catalog, in file order; leaves the table `catalog(id, code)` for the interactions. */
import { dirname, resolve } from "node:path";
import { type DuckDBConnection, DuckDBListValue, type DuckDBValue } from "@duckdb/node-api";
import { TailrecError } from "../../errors.ts";
import type { RunContext } from "../../run-context.ts";
import type { Catalog } from "../catalog.ts";
import { readColumns } from "./database.ts";
import type { ParsedItemsOptions } from "./ingest-options.ts";
import { type Cells, imagePaths, joinCells, readAttribute } from "./item-fields.ts";
import type { RawTable } from "./raw-table.ts";
import { byLine, type FileReport, type Reject } from "./rejects.ts";
import type { SourceFile } from "./source-file.ts";
import { loadSource } from "./source-table.ts";

export interface IngestedItems {
  readonly catalog: Catalog;
  readonly report: FileReport;
  readonly rejects: readonly Reject[];
  /** Cells read as missing; their items are kept. */
  readonly missingCells: readonly Reject[];
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
  const missingCells: Reject[] = [];
  const noteMissing = (row: number, column: string, text: string, reason: string): void => {
    const cells = { [id.source]: rows.ids[row], [column]: text };
    missingCells.push({ file: source.path, line: rows.lines[row], reason, row: cells });
  };
  const rejects = byLine([...raw.rejects, ...(await readNameless(connection, source, raw, id.source, entity))]);
  const report = { file: source.path, rows: raw.rows, rejected: rejects.length };
  return {
    catalog: createCatalog(rows, options, pictureFolders(source, options, folder), noteMissing),
    report,
    rejects,
    missingCells,
  };
}

const CATALOG =
  "CREATE TEMP TABLE catalog AS SELECT id, (row_number() OVER (ORDER BY rowid) - 1)::INTEGER AS code FROM raw_items WHERE id <> ''";

interface ItemRows {
  readonly ids: readonly string[];
  readonly lines: readonly number[];
  /** By the column's name in the file. */
  readonly cells: ReadonlyMap<string, Cells>;
}

async function readItemRows(connection: DuckDBConnection, raw: RawTable, names: readonly string[]): Promise<ItemRows> {
  const cells = names.map((_, i) => `, cell${i}`).join("");
  const sql = `SELECT rowid, id${cells} FROM raw_items WHERE id <> '' ORDER BY rowid`;
  const [places, ids, ...columns] = await readColumns(connection, sql);
  return {
    ids: ids.map(String),
    lines: places.map((place) => raw.lineOf(Number(place))),
    cells: new Map(names.map((name, i) => [name, columns[i].map(textsOf)])),
  };
}

async function readNameless(
  connection: DuckDBConnection,
  source: SourceFile,
  raw: RawTable,
  column: string,
  entity: string,
): Promise<Reject[]> {
  const [places] = await readColumns(
    connection,
    "SELECT rowid FROM raw_items WHERE coalesce(id, '') = '' ORDER BY rowid",
  );
  const row = { [column]: null };
  return places.map((place) => ({
    file: source.path,
    line: raw.lineOf(Number(place)),
    reason: `missing ${entity} id`,
    row,
  }));
}

interface PictureFolders {
  /** Where relative paths start. */
  readonly imageFolder: string;
  /** What no path may leave. */
  readonly imageRoot: string;
}

function pictureFolders(source: SourceFile, options: ParsedItemsOptions, folder: string): PictureFolders {
  const imageFolder = resolve(folder, options.imageFolder ?? dirname(source.path));
  return { imageFolder, imageRoot: options.imageRoot === null ? imageFolder : resolve(folder, options.imageRoot) };
}

function createCatalog(
  { ids, cells }: ItemRows,
  { columns, attributes }: ParsedItemsOptions,
  { imageFolder, imageRoot }: PictureFolders,
  noteMissing: Parameters<typeof readAttribute>[2],
): Catalog {
  const cellsOf = (name: string): Cells => cells.get(name) ?? [];
  return {
    ids,
    titles: joinCells(listOf(columns.title).map(cellsOf), ids.length, " "),
    descriptions: joinCells(listOf(columns.description).map(cellsOf), ids.length, "\n"),
    images: imagePaths(columns.image === null ? undefined : cellsOf(columns.image), ids.length, imageFolder),
    imageRoot,
    attributes: attributes.map((attribute) => readAttribute(attribute, cellsOf(attribute.column), noteMissing)),
  };
}

function mappedNames({ columns, attributes }: ParsedItemsOptions): string[] {
  const named = [columns.title, columns.description, columns.image].flatMap(listOf);
  return [...new Set([...named, ...attributes.map(({ column }) => column)])];
}

function listOf(names: string | readonly string[] | null): readonly string[] {
  if (names === null) return [];
  return typeof names === "string" ? [names] : names;
}

function textsOf(value: DuckDBValue): string[] {
  return value instanceof DuckDBListValue ? value.items.map(String) : [];
}

function refuseDuplicates(source: SourceFile, { ids, lines }: ItemRows, entity: string): void {
  const first = new Map<string, number>();
  const repeated: string[] = [];
  for (const [row, id] of ids.entries()) {
    const earlier = first.get(id);
    if (earlier === undefined) first.set(id, lines[row]);
    else repeated.push(`"${id}" (lines ${earlier} and ${lines[row]})`);
  }
  if (repeated.length === 0) return;
  const more = repeated.length > 5 ? ` and ${repeated.length - 5} more` : "";
  const message = `${source.path} repeats ${entity} ids: ${repeated.slice(0, 5).join(", ")}${more}; keep one row ${entity === "item" ? "an item" : "a user"}`;
  throw new TailrecError("DUPLICATE_ITEM", message);
}
