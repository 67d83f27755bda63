/** What a path of the pipeline stands for: a file, a pipe, all files of a folder, or those that match a pattern. */
import type { Stats } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { TailrecError } from "../../../errors.ts";
import { readError } from "../../../file-errors.ts";
import { nearestName } from "../../../options.ts";
import { filesOfFolder, isPattern, matchingFiles } from "./path-pattern.ts";

/** One file of a source. */
export interface SourcePart {
  /** Absolute. */
  readonly path: string;
  /** A pipe: it can be read once, and its size is not known. */
  readonly piped: boolean;
  /** Bytes on disk. */
  readonly size: number;
}

/** A table in more pieces should be merged by what wrote it. */
const MAXIMUM_PARTS = 4000;

/** The parts of an absolute path, in the order of their names. FILE_NOT_FOUND, EMPTY_INPUT, UNREADABLE_INPUT. */
export async function findParts(path: string): Promise<SourcePart[]> {
  const found = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== "ENOENT") throw readError(path, cause);
    return undefined;
  });
  if (found === undefined) return isPattern(path) ? partsOf(path, await matchingFiles(path)) : missing(path);
  if (found.isDirectory()) return partsOf(path, await filesOfFolder(path));
  return [describePart(path, found)];
}

function describePart(path: string, found: Stats): SourcePart {
  if (found.isFile()) return { path, piped: false, size: found.size };
  if (found.isFIFO() || found.isSocket()) return { path, piped: true, size: 0 };
  throw new TailrecError("UNREADABLE_INPUT", `${path} is a terminal or a device; expected a file, a folder or a pipe`);
}

async function partsOf(path: string, files: readonly string[]): Promise<SourcePart[]> {
  if (files.length === 0) {
    const what = isPattern(path) ? "matches no file" : "is a folder without files";
    throw new TailrecError("FILE_NOT_FOUND", `${path} ${what}; expected data files`);
  }
  if (files.length > MAXIMUM_PARTS) {
    const message = `${path} stands for ${files.length} files, more than ${MAXIMUM_PARTS}; merge them into fewer`;
    throw new TailrecError("UNREADABLE_INPUT", message);
  }
  const parts: SourcePart[] = [];
  for (const file of files) parts.push(await partAt(file));
  return parts;
}

async function partAt(path: string): Promise<SourcePart> {
  const found = await stat(path).catch((cause: unknown) => {
    throw readError(path, cause);
  });
  return describePart(path, found);
}

async function missing(path: string): Promise<never> {
  const names = await readdir(dirname(path)).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") {
      throw new TailrecError("FILE_NOT_FOUND", `${path} does not exist, nor does its folder; check the path`);
    }
    throw readError(dirname(path), cause);
  });
  const near = nearestName(basename(path), names);
  const remedy = near === undefined ? "check the path" : `did you mean "${near}"?`;
  throw new TailrecError("FILE_NOT_FOUND", `${path} does not exist; ${remedy}`);
}
