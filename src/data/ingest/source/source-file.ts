/**
 * One table of the pipeline before it is read: the files that it lies in exist, hold something, and their format is known from their
 * names and first bytes.
 */
import { basename, resolve } from "node:path";
import { TailrecError } from "../../../errors.ts";
import type { FileFormat } from "../ingest-options.ts";
import { refuseForeign } from "./file-signature.ts";
import { firstBytes } from "./source-bytes.ts";
import { findParts, type SourcePart } from "./source-parts.ts";

type KnownFormat = Exclude<FileFormat, "auto">;

export interface SourceFile {
  /** As the pipeline names it, absolute: a file, a folder or a pattern. */
  readonly path: string;
  /** The path's last part, for progress lines. */
  readonly name: string;
  readonly format: KnownFormat;
  /** Whether nothing told the format, so that it is what the caller gave for that. */
  readonly isAssumed: boolean;
  /** What separates fields; null to find it in the header. */
  readonly delimiter: string | null;
  /** Names of the columns of files without a header line; null to take them from the first line. */
  readonly header: readonly string[] | null;
  /** Of CSV and TSV; null for UTF-8. */
  readonly encoding: string | null;
  /** Read one after the other, as one table. */
  readonly parts: readonly SourcePart[];
}

export interface SourceOptions {
  readonly path: string;
  readonly format?: FileFormat;
  readonly delimiter?: string | null;
  readonly header?: readonly string[] | null;
  readonly encoding?: string | null;
  /** The format where name and first bytes tell none. Given for later files: what else is said was said of the first. */
  readonly otherwise?: FileFormat;
}

/** Throws FILE_NOT_FOUND, EMPTY_INPUT, UNREADABLE_INPUT for a format that cannot be told, INVALID_OPTIONS for an encoding of JSON or Parquet. */
export async function openSource(
  { path, format = "auto", delimiter = null, header = null, encoding = null, otherwise }: SourceOptions,
  folder = ".",
): Promise<SourceFile> {
  const absolute = resolve(folder, path);
  const found = await findParts(absolute);
  // Programs that write in parts leave empty ones.
  const parts = found.filter(({ piped, size }) => piped || size > 0);
  if (parts.length === 0) {
    throw new TailrecError("EMPTY_INPUT", `${absolute} is empty (0 bytes); expected a header and rows`);
  }
  const told: (KnownFormat | undefined)[] = [];
  for (const part of parts) {
    if (!part.piped) refuseForeign(part.path, await firstBytes(part.path, 512), encoding);
    told.push(format === "auto" ? await formatOf(part) : format);
  }
  const formats = told.map((found, i) => found ?? assumedFormat(parts[i], otherwise));
  const other = formats.findIndex((name) => name !== formats[0]);
  if (other > 0) {
    const message = `${absolute} holds files of two formats, such as ${parts[0].path} and ${parts[other].path}; name a pattern that matches one of them`;
    throw new TailrecError("UNREADABLE_INPUT", message);
  }
  if (encoding !== null && !hasEncoding(formats[0]) && otherwise === undefined) {
    throw new TailrecError("INVALID_OPTIONS", `${absolute}: "encoding" is for CSV and TSV; leave it out`);
  }
  return {
    path: absolute,
    name: basename(absolute),
    format: formats[0],
    isAssumed: told[0] === undefined,
    delimiter,
    header,
    encoding: hasEncoding(formats[0]) && encoding !== UTF_8 ? encoding : null,
    parts,
  };
}

const UTF_8 = "utf-8";

/** JSON is UTF-8 by its standard, and Parquet has its own. */
export function hasEncoding(format: KnownFormat): boolean {
  return format === "csv" || format === "tsv";
}

const FORMAT_BY_ENDING = {
  csv: "csv",
  tsv: "tsv",
  tab: "tsv",
  jsonl: "jsonl",
  ndjson: "jsonl",
  json: "jsonl",
  parquet: "parquet",
  pq: "parquet",
} as const;

/** By the first bytes or the name; undefined where neither tells. */
async function formatOf({ path, piped }: SourcePart): Promise<KnownFormat | undefined> {
  if (!piped && (await firstBytes(path, 4)).toString("latin1") === "PAR1") return "parquet";
  const name = basename(path).toLowerCase().replace(/\.gz$/, "");
  const ending = name.slice(name.lastIndexOf(".") + 1);
  return Object.entries(FORMAT_BY_ENDING).find(([known]) => known === ending)?.[1];
}

function assumedFormat({ path }: SourcePart, otherwise: FileFormat = "auto"): KnownFormat {
  if (otherwise !== "auto") return otherwise;
  const endings = Object.keys(FORMAT_BY_ENDING).join(", ");
  throw new TailrecError(
    "UNREADABLE_INPUT",
    `${path}: the format cannot be told from the name (expected one of ${endings}, with or without .gz); set "format"`,
  );
}
