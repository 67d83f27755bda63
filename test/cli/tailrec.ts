/** The command as people type it: the compiled program in a process of its own. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";

export const root = join(import.meta.dirname, "..", "..");
export const main = join(root, "dist", "cli", "main.js");

export interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export function tailrec(...args: readonly string[]): Promise<Outcome> {
  return tailrecWith({}, ...args);
}

/** Typed in `folder`. */
export function tailrecIn(folder: string, ...args: readonly string[]): Promise<Outcome> {
  return start({}, folder, args);
}

export function tailrecWith(
  environment: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<Outcome> {
  return start(environment, process.cwd(), args);
}

function start(environment: Readonly<Record<string, string>>, cwd: string, args: readonly string[]): Promise<Outcome> {
  const env = { ...process.env, TAILREC_DEBUG: "", ...environment };
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...args], { env, cwd }, (error, stdout, stderr) => {
      const status = error === null ? 0 : Number(error.code);
      resolve({ status, stdout, stderr });
    });
  });
}

/** The sha256 of every file below a folder, by its path in the folder. Files of megabytes are slow to compare byte by byte. */
export async function digestsOf(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const digests = paths.sort().map(async (path) => {
    const digest = createHash("sha256")
      .update(await readFile(path))
      .digest("hex");
    return [relative(folder, path), digest];
  });
  return Object.fromEntries(await Promise.all(digests));
}
