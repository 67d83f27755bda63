/**
 * Any source to one raw table: its files are read one after the other, each as its own table, and a view puts them end to end. What DuckDB
 * cannot read where it lies (a pipe, a Parquet file in gzip, text in another encoding) is written to a temporary file first.
 */
import { open } from "node:fs/promises";
import { TailrecError } from "../../../errors.ts";
import { excerpt, listNames } from "../../../excerpt.ts";
import { messageOf } from "../../../file-errors.ts";
import { type RunContext, throwIfInterrupted } from "../../../run-context.ts";
import { removeOldTemporaries } from "../../files/temporary-folder.ts";
import { loadParquet } from "../tables/parquet-table.ts";
import { requireColumns } from "../tables/raw-columns.ts";
import type { LoadedPart, PartRequest, RawRequest, RawTable, RowPlace } from "../tables/raw-table.ts";
import { loadText } from "../text/text-table.ts";
import { pipeBytes } from "./pipe-bytes.ts";
import { createScratchFolder, type ScratchFolder, scratchFailed } from "./scratch-folder.ts";
import { isGzip, readBytes } from "./source-bytes.ts";
import type { SourceFile } from "./source-file.ts";
import type { SourcePart } from "./source-parts.ts";
import { toUtf8 } from "./text-encoding.ts";

/** Creates `request.table`. Throws UNKNOWN_COLUMN, EMPTY_INPUT, UNREADABLE_INPUT, OUTPUT_FAILED. */
export async function loadSource(request: RawRequest, context: RunContext): Promise<RawTable> {
  await removeOldTemporaries();
  const scratch = createScratchFolder();
  try {
    return await loadParts(request, scratch, context);
  } finally {
    await scratch.close();
  }
}

interface PlacedPart extends LoadedPart {
  readonly table: string;
  readonly label: string;
  /** The place of its first row. */
  readonly offset: number;
}

async function loadParts(request: RawRequest, scratch: ScratchFolder, context: RunContext): Promise<RawTable> {
  const { connection, table, source, limit = Number.POSITIVE_INFINITY } = request;
  const notes: string[] = [];
  const parts: PlacedPart[] = [];
  const size = source.parts.reduce((sum, part) => sum + part.size, 0);
  let read = 0;
  let offset = 0;
  for (const [i, part] of source.parts.entries()) {
    if (offset >= limit) break;
    const { path: label } = part;
    const onRead = (bytes: number): void =>
      context.onProgress?.({ stage: `read ${source.name}`, done: Math.min(read + bytes, size), total: size });
    const onNote = (note: string): void => {
      if (!notes.includes(`${label}: ${note}`)) notes.push(`${label}: ${note}`);
    };
    const earlier = source.header ?? parts.find(({ columns }) => columns.length > 0)?.columns;
    const path = await readablePath(part, source, scratch, context);
    const own = {
      ...request,
      table: `${table}_${i}`,
      limit: limit - offset,
      path,
      label,
      scratch,
      earlier,
      onRead,
      onNote,
    };
    const loaded = await loadPart(own, context);
    parts.push({ ...loaded, table: own.table, label, offset });
    offset += loaded.rows;
    read += part.size;
  }
  requireSomeRows(source, parts);
  // A key of JSON may be in one file alone; the columns of other formats have been looked for in each.
  const names = unique(parts.flatMap((part) => unique(part.columns)));
  const absent = requireColumns(source.path, request.columns, names);
  await connection.run(`CREATE TEMP VIEW ${table} AS ${parts.map(selectPart).join(" UNION ALL ")}`);
  return {
    rows: parts.reduce((sum, { total }) => sum + total, 0),
    placeOf: (place) => placeIn(parts, place),
    rejects: parts.flatMap(({ rejects }) => rejects),
    columns: names,
    absent,
    notes: [...notes, ...(source.header === null ? headlessNote(parts) : [])],
  };
}

async function loadPart(request: PartRequest, context: RunContext): Promise<LoadedPart> {
  throwIfInterrupted(context);
  const { label, source } = request;
  try {
    return await (source.format === "parquet" ? loadParquet(request) : loadText(request, context));
  } catch (cause) {
    if (cause instanceof TailrecError) throw cause;
    const reason = excerpt(messageOf(cause).split("\n", 1)[0], 200);
    const message = `${label} could not be read as ${source.format} (${reason}); export it again or set "format"`;
    throw new TailrecError("UNREADABLE_INPUT", message, { cause });
  }
}

function selectPart({ table, offset }: PlacedPart): string {
  return `SELECT rowid + ${offset} AS place, * FROM ${table}`;
}

function placeIn(parts: readonly PlacedPart[], place: number): RowPlace {
  const part = parts.findLast(({ offset }) => offset <= place) ?? parts[0];
  return { file: part.label, line: part.lineOf(place - part.offset) };
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)];
}

function requireSomeRows({ path }: SourceFile, parts: readonly PlacedPart[]): void {
  if (parts.some(({ total }) => total > 0)) return;
  const headed = parts.some(({ columns }) => columns.length > 0);
  throw new TailrecError("EMPTY_INPUT", `${path} has no rows${headed ? " after its header" : ""}`);
}

function headlessNote(parts: readonly PlacedPart[]): string[] {
  const headless = parts.filter(({ headed, total }) => !headed && total > 0).map(({ label }) => label);
  return headless.length === 0
    ? []
    : [`read with the header of ${parts[0].label}, having none of their own: ${listNames(headless, 3)}`];
}

/** Where DuckDB and the scan can read the part, twice if need be: text in UTF-8. */
async function readablePath(
  { path: label, piped }: SourcePart,
  { format, encoding }: SourceFile,
  scratch: ScratchFolder,
  context: RunContext,
): Promise<string> {
  const path = piped ? await spool(label, pipeBytes(label, context), scratch) : label;
  const bytes = (): AsyncIterable<Buffer> => readBytes(path, { label });
  if (encoding !== null) return spool(label, toUtf8(label, bytes(), encoding), scratch);
  return format === "parquet" && (await isGzip(path)) ? spool(label, bytes(), scratch) : path;
}

async function spool(label: string, chunks: AsyncIterable<Buffer>, scratch: ScratchFolder): Promise<string> {
  const path = await scratch.file();
  const fail = (cause: unknown): never => {
    throw scratchFailed(path, cause);
  };
  const file = await open(path, "wx").catch(fail);
  let size = 0;
  try {
    for await (const chunk of chunks) {
      await file.writeFile(chunk).catch(fail);
      size += chunk.length;
    }
  } finally {
    await file.close();
  }
  if (size === 0) throw new TailrecError("EMPTY_INPUT", `${label} gave nothing; expected a header and rows`);
  return path;
}
