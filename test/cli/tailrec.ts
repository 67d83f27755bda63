/** The command as people type it: the compiled program in a process of its own. */
import { execFile } from "node:child_process";
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

/** Every file below a folder with its bytes, by its path in the folder. */
export async function contentsOf(folder: string): Promise<Record<string, Buffer>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const contents = await Promise.all(paths.sort().map(async (path) => [relative(folder, path), await readFile(path)]));
  return Object.fromEntries(contents);
}
