/** Rows of the items file to a Catalog, in file order; leaves the table `catalog(id, code)` for the interactions. */
import { dirname, resolve } from "node:path";
import { type DuckDBConnection, DuckDBListValue, type DuckDBValue } from "@duckdb/node-api";
import { TailrecError } from "../errors.ts";
import type { RunContext } from "../run-context.ts";
import type { Attribute, Catalog } from "./catalog.ts";
import { readColumns } from "./database.ts";
import type { ParsedItemsOptions } from "./ingest-options.ts";
import type { RawColumn } from "./raw-table.ts";
import type { FileReport, Reject } from "./rejects.ts";
import type { SourceFile } from "./source-file.ts";
import { loadSource } from "./source-table.ts";

export interface IngestedItems {
  readonly catalog: Catalog;
  readonly report: FileReport;
  readonly rejects: readonly Reject[];
  readonly missingCells: readonly Reject[];
}

/** One mapped column over all kept items. */
type Cells = readonly (readonly string[])[];

/** Throws DUPLICATE_ITEM besides the errors of `loadSource`. */
export async function ingestItemsFile(
  connection: DuckDBConnection,
  source: SourceFile,
  options: ParsedItemsOptions,
  folder: string,
  context: RunContext,
): Promise<IngestedItems> {
  const sources = [...new Set(listSources(options))];
  const columns: RawColumn[] = [
    { name: "id", source: options.columns.id, list: false },
    ...sources.map((name, i) => ({ name: `cell${i}`, source: name, list: true })),
  ];
  const raw = await loadSource({ connection, table: "raw_items", source, columns }, context);
  const [places, ids, ...cells] = await readColumns(
    connection,
    `SELECT rowid, ${columns.map(({ name }) => name).join(", ")} FROM raw_items WHERE id <> '' ORDER BY rowid`,
  );
  const lines = places.map((place) => raw.lineOf(Number(place)));
  const texts = ids.map(String);
  refuseDuplicates(source, texts, lines);
  const [lost] = await readColumns(
    connection,
    "SELECT rowid FROM raw_items WHERE id IS NULL OR id = '' ORDER BY rowid",
  );
  const nameless = lost.map((place) => ({
    file: source.path,
    line: raw.lineOf(Number(place)),
    reason: "missing item id",
    row: { [options.columns.id]: null },
  }));
  const rejects = [...raw.rejects, ...nameless].sort((a, b) => a.line - b.line);
  await connection.run(
    "CREATE TEMP TABLE catalog AS SELECT id, (row_number() OVER (ORDER BY rowid) - 1)::INTEGER AS code FROM raw_items WHERE id <> ''",
  );
  const cellsOf = new Map(sources.map((name, i) => [name, cells[i].map(textsOf)]));
  const missingCells: Reject[] = [];
  const note = (row: number, column: string, text: string, reason: string): void => {
    missingCells.push({
      file: source.path,
      line: lines[row],
      reason,
      row: { [options.columns.id]: texts[row], [column]: text },
    });
  };
  const catalog = {
    ids: texts,
    titles: joinColumns(options.columns.title, cellsOf, texts.length, " "),
    descriptions: joinColumns(options.columns.description, cellsOf, texts.length, "\n"),
    images: imagePaths(options, cellsOf, texts.length, resolve(folder, options.imageFolder ?? dirname(source.path))),
    attributes: options.attributes.map((attribute) =>
      readAttribute(attribute, cellsOf.get(attribute.column) ?? [], note),
    ),
  };
  return { catalog, report: { file: source.path, rows: raw.rows, rejected: rejects.length }, rejects, missingCells };
}

function namesOf(columns: string | readonly string[] | null): readonly string[] {
  if (columns === null) return [];
  return typeof columns === "string" ? [columns] : columns;
}

function listSources({ columns, attributes }: ParsedItemsOptions): string[] {
  const named = [...namesOf(columns.title), ...namesOf(columns.description), ...namesOf(columns.image)];
  return [...named, ...attributes.map(({ column }) => column)];
}

function textsOf(value: DuckDBValue): string[] {
  return value instanceof DuckDBListValue ? value.items.map(String) : [];
}

function joinColumns(
  columns: string | readonly string[] | null,
  cellsOf: ReadonlyMap<string, Cells>,
  rows: number,
  glue: string,
): string[] {
  const parts = namesOf(columns).map((name) => cellsOf.get(name) ?? []);
  return Array.from({ length: rows }, (_, row) =>
    parts
      .map((cells) => cells[row].filter((text) => text !== "").join(", "))
      .filter((text) => text !== "")
      .join(glue),
  );
}

function imagePaths(options: ParsedItemsOptions, cellsOf: ReadonlyMap<string, Cells>, rows: number, folder: string) {
  const cells = options.columns.image === null ? undefined : cellsOf.get(options.columns.image);
  return Array.from({ length: rows }, (_, row) => {
    const path = cells?.[row][0];
    return path === undefined || path === "" ? null : resolve(folder, path);
  });
}

type Note = (row: number, column: string, text: string, reason: string) => void;

function readAttribute(option: ParsedItemsOptions["attributes"][number], cells: Cells, note: Note): Attribute {
  const { column: name, kind, separator } = option;
  if (kind === "category") return { name, kind, values: cells.map((texts) => categoriesOf(texts, separator)) };
  const values = Float64Array.from(cells, (texts, row) => {
    const text = texts.join(", ").trim();
    const value = text === "" ? Number.NaN : Number(text);
    const valid = Number.isFinite(value) && (kind === "number" || value >= 0);
    if (text !== "" && !valid) note(row, name, text, `unparsable ${kind} in "${name}", read as missing`);
    return valid ? value : Number.NaN;
  });
  return { name, kind, values };
}

function categoriesOf(texts: readonly string[], separator: string | null): string[] {
  const parts = separator === null ? texts : texts.flatMap((text) => text.split(separator));
  return [...new Set(parts.map((part) => part.trim()).filter((part) => part !== ""))];
}

function refuseDuplicates(source: SourceFile, ids: readonly string[], lines: readonly number[]): void {
  const first = new Map<string, number>();
  const repeated: string[] = [];
  for (const [row, id] of ids.entries()) {
    const earlier = first.get(id);
    if (earlier === undefined) first.set(id, lines[row]);
    else repeated.push(`"${id}" (lines ${earlier} and ${lines[row]})`);
  }
  if (repeated.length === 0) return;
  const more = repeated.length > 5 ? ` and ${repeated.length - 5} more` : "";
  throw new TailrecError(
    "DUPLICATE_ITEM",
    `${source.path} repeats item ids: ${repeated.slice(0, 5).join(", ")}${more}; keep one row an item`,
  );
}
