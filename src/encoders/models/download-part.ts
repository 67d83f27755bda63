/**
 * The part file of a download, `PATH.part-<owner>`, where the owner is a staging folder that is there while its process lives: two
 * processes never write one part, whatever their numbers. A part whose owner is gone is taken over by renaming it, which only one of
 * several can do.
 */
import { readdir, rename } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { isAbandoned, openStaging, stagingsIn } from "../../data/files/staging-folder.ts";
import { removeOldTemporaries } from "../../data/files/temporary-folder.ts";

export interface ClaimedPart {
  /** What an earlier attempt left of the file, if any, stands there already. */
  readonly path: string;
  /** Leaves the part to the next attempt. */
  release(): Promise<void>;
}

/** A part of the file at `path`, whose folder exists, for this call alone. */
export async function claimPart(path: string): Promise<ClaimedPart> {
  const folder = dirname(path);
  const prefix = `${basename(path)}.part-`;
  const owner = await openStaging(folder);
  const own = join(folder, prefix + basename(owner.path));
  const names = (await readdir(folder)).filter((name) => name.startsWith(prefix)).sort();
  for (const name of names) {
    if (!(await isHeld(folder, name.slice(prefix.length))) && (await renamed(join(folder, name), own))) break;
  }
  await removeOldTemporaries(folder);
  return { path: own, release: owner.close };
}

async function isHeld(folder: string, owner: string): Promise<boolean> {
  const staging = join(folder, owner);
  return (await stagingsIn(folder)).includes(staging) && !(await isAbandoned(staging));
}

/** False when another process was first. */
async function renamed(from: string, to: string): Promise<boolean> {
  return rename(from, to).then(
    () => true,
    () => false,
  );
}
