/**
 * One writer at a time in a folder while outputs take their places: `.tailrec-lock`, a folder that holds one file named after its
 * holder's staging folder. It is taken by renaming a full folder to that name, which succeeds where there is none or an empty one. A dead
 * holder's file is removed by its name, so two who do so at once cannot remove each other's.
 */
import { mkdir, readdir, rename, rmdir, unlink, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { TailrecError } from "../../errors.ts";
import { errorCode } from "./output-failure.ts";
import { isAbandoned, isStaging, stagingsIn } from "./staging-folder.ts";

const NAME = ".tailrec-lock";

/** Places are taken within milliseconds; whoever holds a lock this long is stopped, or on a disk without sockets and dead. */
const PATIENCE_MS = 60_000;

/** Does `work` while the locks of the folders around the staging folders are held. OUTPUT_FAILED when one is never given up. */
export async function withFolderLocks<T>(stagings: readonly string[], work: () => Promise<T>): Promise<T> {
  // In one order, so that two writers never wait for each other.
  const [first, ...others] = [...stagings].sort();
  if (first === undefined) return work();
  await acquire(first);
  try {
    return await withFolderLocks(others, work);
  } finally {
    await release(first);
  }
}

async function acquire(staging: string): Promise<void> {
  const lock = join(dirname(staging), NAME);
  const ticket = join(staging, "lock");
  await mkdir(ticket);
  await writeFile(join(ticket, basename(staging)), "");
  const since = Date.now();
  while (!(await renamed(ticket, lock))) {
    if (await freed(lock)) continue;
    if (Date.now() - since > PATIENCE_MS) throw held(lock);
    await delay(5 + 20 * Math.min(1, (Date.now() - since) / 1000));
  }
}

async function release(staging: string): Promise<void> {
  const lock = join(dirname(staging), NAME);
  await unlink(join(lock, basename(staging))).catch(() => undefined);
  // The next holder may have it already.
  await rmdir(lock).catch(() => undefined);
}

/** False while somebody holds the lock. */
async function renamed(ticket: string, lock: string): Promise<boolean> {
  return rename(ticket, lock).then(
    () => true,
    (error) => {
      if (["ENOTEMPTY", "EEXIST", "EPERM"].includes(errorCode(error) ?? "")) return false;
      throw error;
    },
  );
}

/** Whether a dead holder has just been struck out. */
async function freed(lock: string): Promise<boolean> {
  const [holder] = await readdir(lock).catch(() => []);
  if (holder === undefined || !isStaging(holder)) return false;
  const staging = join(dirname(lock), holder);
  const isThere = (await stagingsIn(dirname(lock))).includes(staging);
  if (isThere && !(await isAbandoned(staging))) return false;
  await unlink(join(lock, holder)).catch(() => undefined);
  return true;
}

function held(lock: string): TailrecError {
  const seconds = PATIENCE_MS / 1000;
  const message = `could not write in ${dirname(lock)}: another run has been taking its places for ${seconds} s; if none is running, remove ${lock}`;
  return new TailrecError("OUTPUT_FAILED", message);
}
