/**
 * Output that is either whole or absent: written beside its place, flushed to the disk, then renamed over it. On any failure the
 * temporary goes away, what was there before stays, and OUTPUT_FAILED says why. A folder takes two renames (POSIX cannot
 * exchange full folders in one): a crash between them leaves the old one as `.old-<pid>`, and `recoverFolder` puts it back.
 */
import { constants, type Dirent, renameSync } from "node:fs";
import { access, mkdir, open, readdir, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { TailrecError } from "../../errors.ts";

/** Puts `data` at `path`, making parent folders as needed. Throws OUTPUT_FAILED. */
export async function writeFileAtomic(path: string, data: string | Uint8Array): Promise<void> {
  await fillFileAtomic(path, (temporary) => writeFile(temporary, data));
}

/** As `writeFileAtomic`, for writers that need a path: `fill` writes the file it is given the name of. */
export async function fillFileAtomic(path: string, fill: (temporary: string) => Promise<void>): Promise<void> {
  const target = await realTarget(path);
  await withTemporary(target, async (temporary) => {
    await mkdir(dirname(target), { recursive: true });
    await fill(temporary);
    await flush(temporary);
    await rename(temporary, target);
    await flush(dirname(target));
  });
}

/** A path and what is to stand there, or what writes it to the path that it is given. */
export type FileContent = readonly [path: string, data: string | Uint8Array | ((path: string) => Promise<void>)];

/**
 * Puts files in place that belong together: all are whole on the disk before the first takes its place. `saveRest` runs
 * between the two, for what belongs to them and is written otherwise; when it fails, every file stays as it was.
 */
export async function writeFilesAtomic(files: readonly FileContent[], saveRest = nothingElse): Promise<void> {
  const [first, ...others] = files;
  if (first === undefined) return saveRest();
  const [path, data] = first;
  await fillFileAtomic(path, async (temporary) => {
    await (typeof data === "function" ? data(temporary) : writeFile(temporary, data));
    await flush(temporary);
    await writeFilesAtomic(others, saveRest);
  });
}

async function nothingElse(): Promise<void> {}

/** Makes the folder if need be. Throws OUTPUT_FAILED when that, or writing in it, is impossible: to be known before long work. */
export async function requireOutputFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  } catch (error) {
    throw outputFailed(folder, error);
  }
}

/** Replaces `folder` by the one that `fill` writes, all of it or nothing. Throws OUTPUT_FAILED. */
export async function writeFolderAtomic(folder: string, fill: (temporary: string) => Promise<void>): Promise<void> {
  const target = await realTarget(folder);
  await withTemporary(target, async (temporary) => {
    await mkdir(dirname(target), { recursive: true });
    await recoverFolder(target);
    // Not recursive: that mkdir hides the system's reason.
    await mkdir(temporary);
    await fill(temporary);
    await flushTree(temporary);
    const old = swapFolders(temporary, target);
    await flush(dirname(target));
    if (old !== undefined) await rm(old, { recursive: true, force: true });
  });
}

/**
 * Undoes what a crash during `writeFolderAtomic` left: puts the earlier folder back when there is none in place, else
 * removes its remains. Called before every load and write; does nothing when there is nothing to recover.
 */
export async function recoverFolder(folder: string): Promise<void> {
  const target = await realTarget(folder);
  const leftovers = await leftoversOf(target);
  if (leftovers.length === 0) return;
  // A writer in another process passes between its two renames in microseconds: let it finish first.
  if (!(await exists(target))) await delay(50);
  if (!(await exists(target))) await putBack(leftovers.shift() ?? "", target);
  for (const leftover of leftovers) await rm(leftover, { recursive: true, force: true }).catch(() => undefined);
}

async function putBack(old: string, target: string): Promise<void> {
  await rename(old, target).catch((error) => {
    // Another process may have been first.
    if (errorCode(error) !== "ENOENT") throw outputFailed(target, error);
  });
}

/** The earlier folders left beside `target`, newest first. */
async function leftoversOf(target: string): Promise<string[]> {
  const prefix = `${basename(target)}.old-`;
  const entries: Dirent[] = await readdir(dirname(target), { withFileTypes: true }).catch(() => []);
  const folders = entries.filter((entry) => entry.isDirectory() && entry.name.startsWith(prefix));
  const aged = await Promise.all(
    folders.map(async ({ name }) => {
      const path = join(dirname(target), name);
      return { path, changed: (await stat(path)).ctimeMs };
    }),
  );
  return aged.sort((a, b) => b.changed - a.changed).map(({ path }) => path);
}

/**
 * Puts `temporary` in the place of `target`; gives the path to which an earlier, non-empty folder went. Both renames in one
 * synchronous stretch, so that nothing else in this process sees the place empty.
 */
function swapFolders(temporary: string, target: string): string | undefined {
  if (renamedUnlessFull(temporary, target)) return undefined;
  const old = `${target}.old-${process.pid}`;
  renameSync(target, old);
  try {
    renameSync(temporary, target);
  } catch (error) {
    renameSync(old, target);
    throw error;
  }
  return old;
}

/** False when a folder with something in it is in the way; an empty one is replaced. */
function renamedUnlessFull(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if (errorCode(error) === "ENOTEMPTY" || errorCode(error) === "EEXIST") return false;
    throw error;
  }
}

let temporaries = 0;

/** Runs `work` with the name of a temporary beside `target`; on failure removes it and explains. */
async function withTemporary(target: string, work: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = `${target}.tmp-${process.pid}-${temporaries++}`;
  try {
    await work(temporary);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
    throw error instanceof TailrecError ? error : outputFailed(target, error);
  }
}

/** Through symbolic links, so that a link stays a link. */
async function realTarget(path: string): Promise<string> {
  return realpath(path).catch(() => resolve(path));
}

async function flush(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function flushTree(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    await (entry.isDirectory() ? flushTree(path) : flush(path));
  }
  await flush(folder);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

const REMEDIES: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full; free some space or write elsewhere",
  EDQUOT: "the disk quota is used up; free some space or write elsewhere",
  EFBIG: "the file is larger than this process may write; raise the limit (ulimit -f) or write elsewhere",
  EACCES: "no permission to write there; change the permissions or write elsewhere",
  EPERM: "no permission to write there; change the permissions or write elsewhere",
  EROFS: "the file system is read-only; write elsewhere",
  EISDIR: "a folder of that name is in the way; remove it or write elsewhere",
  EEXIST: "a file is in the way of a folder of that name; remove it or write elsewhere",
  ENOTDIR: "a file is in the way of a folder of that name; remove it or write elsewhere",
};

function outputFailed(target: string, cause: unknown): TailrecError {
  const message = cause instanceof Error ? cause.message : String(cause);
  const remedy = REMEDIES[errorCode(cause) ?? codeNamedIn(message)];
  const reason = remedy === undefined ? message : `${remedy} (${message})`;
  return new TailrecError("OUTPUT_FAILED", `could not write ${target}: ${reason}; earlier output is untouched`, {
    cause,
  });
}

function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/** Writers such as DuckDB say the reason of the system in words only. */
function codeNamedIn(message: string): string {
  if (/no space left/i.test(message)) return "ENOSPC";
  if (/file too large/i.test(message)) return "EFBIG";
  return /permission denied/i.test(message) ? "EACCES" : "";
}
