/**
 * Lists by owner as files for other tools, in the format that the extension names, written part by part so that they need never be in
 * memory: `.jsonl` has a line an owner; `.csv` and `.parquet` have a row a listed item, in the columns that `evaluate --scores` reads.
 */
import { createWriteStream } from "node:fs";
import { extname } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { TailrecError } from "../../errors.ts";
import type { FileContent } from "./atomic-write.ts";
import { fillParquetFile, type ParquetColumn, type ParquetPart } from "./parquet-file.ts";

export interface ListEntry {
  readonly item: string;
  readonly score: number;
  /** What the item's vector rests on: behaviour, blend or content. */
  readonly source: string;
  /** An item that the owner has and that the listed one is nearest to; null where they have none. */
  readonly because?: string | null;
  /** What filled the place in, where rules left it empty; null where nothing did. */
  readonly filledBy?: string | null;
}

/** The list of one owner, best first. */
export interface OwnedList {
  readonly owner: string;
  readonly entries: readonly ListEntry[];
  /** Why it is shorter than asked for, or was filled. Stands in lines of lists alone. */
  readonly reason?: string;
}

export interface ListTable {
  /** What owns a list, which is the name of its column. */
  readonly owner: "user" | "query" | "segment";
  /** Whether entries say `because`. */
  readonly explained: boolean;
  /** Whether entries say `filledBy`. */
  readonly isRuled: boolean;
  readonly parts: AsyncIterable<readonly OwnedList[]>;
}

type Fill = (path: string, table: ListTable) => Promise<void>;

const FORMATS: Readonly<Record<string, Fill>> = {
  ".jsonl": (path, table) => fillText(path, jsonLines(table)),
  ".csv": (path, table) => fillText(path, csvLines(table)),
  ".parquet": (path, table) => fillParquetFile(path, parquetColumns(table), parquetParts(table), NARROW),
};

/** Ids may be as long as addresses: a group of rows, one a thread, must not fill the memory. */
const NARROW = { memory: "128MB", groupRows: 20_480 };

/** What is to stand at the path. INVALID_ARGUMENT when no format has its extension. */
export function listTableFile(path: string, table: ListTable): FileContent {
  const fill = formatOf(path);
  return [path, (temporary) => fill(temporary, table)];
}

/** INVALID_ARGUMENT when no format has the extension of the path. */
export function requireListFormat(path: string): void {
  formatOf(path);
}

function formatOf(path: string): Fill {
  const fill = FORMATS[extname(path).toLowerCase()];
  if (fill !== undefined) return fill;
  const known = Object.keys(FORMATS).join(", ");
  throw new TailrecError("INVALID_ARGUMENT", `expected a file of lists that ends in one of ${known}, received ${path}`);
}

function fillText(path: string, chunks: AsyncIterable<string>): Promise<void> {
  return pipeline(Readable.from(chunks), createWriteStream(path));
}

async function* jsonLines({ owner, parts }: ListTable): AsyncGenerator<string> {
  for await (const lists of parts) {
    yield lists
      .map((list) => `${JSON.stringify({ [owner]: list.owner, items: list.entries, reason: list.reason })}\n`)
      .join("");
  }
}

async function* csvLines(table: ListTable): AsyncGenerator<string> {
  const columns = columnsOf(table);
  yield `${columns.map(({ name }) => name).join(",")}\n`;
  for await (const lists of table.parts) {
    yield lists
      .flatMap((list) => list.entries.map((_, place) => columns.map(({ at }) => csvField(at(list, place))).join(",")))
      .map((line) => `${line}\n`)
      .join("");
  }
}

/** RFC 4180: quoted where a comma, a quote or a line end stands inside. */
function csvField(value: string | number | null): string {
  const text = value === null ? "" : String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

interface Column extends ParquetColumn {
  /** The cell of the entry at a place, from 0. */
  readonly at: (list: OwnedList, place: number) => string | number | null;
}

function columnsOf({ owner, explained, isRuled }: Omit<ListTable, "parts">): Column[] {
  const because: Column = { name: "because", type: "text", at: ({ entries }, place) => entries[place].because ?? null };
  const filledBy: Column = {
    name: "filled_by",
    type: "text",
    at: ({ entries }, place) => entries[place].filledBy ?? null,
  };
  return [
    { name: owner, type: "text", at: (list) => list.owner },
    { name: "item", type: "text", at: ({ entries }, place) => entries[place].item },
    { name: "rank", type: "count", at: (_, place) => place + 1 },
    { name: "score", type: "float", at: ({ entries }, place) => entries[place].score },
    { name: "source", type: "text", at: ({ entries }, place) => entries[place].source },
    ...(explained ? [because] : []),
    ...(isRuled ? [filledBy] : []),
  ];
}

function parquetColumns(table: ListTable): readonly ParquetColumn[] {
  return columnsOf(table);
}

async function* parquetParts(table: ListTable): AsyncGenerator<ParquetPart> {
  const columns = columnsOf(table);
  for await (const lists of table.parts) {
    const places = lists.flatMap((list) => list.entries.map((_, place) => ({ list, place })));
    const cells = columns.map(
      ({ at }) =>
        (row: number) =>
          at(places[row].list, places[row].place),
    );
    yield { rows: places.length, cells };
  }
}
