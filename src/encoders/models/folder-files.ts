/** What lies in a folder that somebody exported an encoder into: its files, and its settings in JSON. */
import { readdir, readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import type { z } from "zod";
import { TailrecError } from "../../errors.ts";
import { describeMismatch } from "../../options.ts";

/** Paths below the folder, with forward slashes, sorted. FILE_NOT_FOUND when it is no folder. */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((cause: unknown) => {
    throw new TailrecError("FILE_NOT_FOUND", `${folder}: expected a folder with an ONNX model`, { cause });
  });
  const files = entries.filter((entry) => entry.isFile());
  const paths = files.map((entry) => relative(folder, join(entry.parentPath, entry.name)));
  return paths.map((path) => path.split(sep).join("/")).sort();
}

/** The settings in a JSON file of the folder; null when there is none. MODEL_INVALID when it is not what the schema says. */
export async function readSettings<S extends z.ZodType>(
  folder: string,
  file: string,
  schema: S,
): Promise<z.output<S> | null> {
  const path = join(folder, file);
  const text = await readFile(path, "utf8").catch(() => null);
  if (text === null) return null;
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
