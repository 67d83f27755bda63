/**
 * The part file of a download: `PATH.part-<pid>`, so that two processes never write one. A part whose process is gone is taken over
 * by renaming it, which only one of several can do.
 */
import { readdir, rename } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** The path of this process's part of the file at `path`; what an earlier process left of it, if any, stands there already. */
export async function claimPart(path: string): Promise<string> {
  const own = `${path}.part-${process.pid}`;
  const prefix = `${basename(path)}.part-`;
  const names = (await readdir(dirname(path))).filter((name) => name.startsWith(prefix)).sort();
  if (names.includes(basename(own))) return own;
  for (const name of names) {
    if (!isRunning(Number(name.slice(prefix.length))) && (await renamed(join(dirname(path), name), own))) break;
  }
  return own;
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // A process of another user runs all the same.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** False when another process was first. */
async function renamed(from: string, to: string): Promise<boolean> {
  return rename(from, to).then(
    () => true,
    () => false,
  );
}
