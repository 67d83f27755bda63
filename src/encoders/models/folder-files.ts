/** What lies in a folder that somebody exported an encoder into: its files, and its settings in JSON. */
import type { Dirent } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import type { z } from "zod";
import { TailrecError } from "../../errors.ts";
import { isAbsence, readError } from "../../file-errors.ts";
import { describeMismatch } from "../../options.ts";
import { requireContent } from "./file-content.ts";

/**
 * Paths below the folder, with forward slashes, sorted; links to files among them, as the hub's own cache has them. FILE_NOT_FOUND when
 * it is no folder, UNREADABLE_INPUT without the right to read it.
 */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((cause: unknown) => {
    if (!isAbsence(cause)) throw readError(folder, cause);
    throw new TailrecError("FILE_NOT_FOUND", `${folder}: expected a folder with an ONNX model`, { cause });
  });
  const areFiles = await Promise.all(entries.map(isFile));
  const files = entries.filter((_, i) => areFiles[i]);
  const paths = files.map((entry) => relative(folder, join(entry.parentPath, entry.name)));
  return paths.map((path) => path.split(sep).join("/")).sort();
}

async function isFile(entry: Dirent): Promise<boolean> {
  if (!entry.isSymbolicLink()) return entry.isFile();
  const target = await stat(join(entry.parentPath, entry.name)).catch(() => undefined);
  return target?.isFile() === true;
}

/** The text of a file; null where there is none. UNREADABLE_INPUT without the right to read it. */
export async function textAt(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    if (isAbsence(cause)) return null;
    throw readError(path, cause);
  }
}

/** The settings in a JSON file of the folder; null when there is none. MODEL_INVALID when it is not what the schema says. */
export async function readSettings<S extends z.ZodType>(
  folder: string,
  file: string,
  schema: S,
): Promise<z.output<S> | null> {
  const path = join(folder, file);
  const text = await textAt(path);
  if (text === null) return null;
  await requireContent(path);
  const parsed = schema.safeParse(parsedJson(text, path));
  if (parsed.success) return parsed.data;
  throw new TailrecError(
    "MODEL_INVALID",
    `${path}: cannot be used: ${describeMismatch(parsed.error)}; correct it, or remove it`,
  );
}

function parsedJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new TailrecError("MODEL_INVALID", `${path}: not JSON; correct it, or remove it`, { cause });
  }
}
