/** A lock beside a store that is a folder: a file that its holder touches, and that anybody may take over once it is old. */

import { randomUUID } from "node:crypto";
import { mkdir, open, readFile, stat, unlink, utimes } from "node:fs/promises";
import { join } from "node:path";
import { errorCodeOf, storeError } from "../store-errors.ts";
import type { StoreLock } from "../store-kind.ts";
import { LEASE_MS, storeBusy } from "../store-lease.ts";
import type { StoreTarget } from "../store-target.ts";

/** STORE_BUSY while another holds it. */
export async function folderLease(folder: string, target: StoreTarget): Promise<StoreLock> {
  const { url, collection } = target;
  const path = join(folder, `.${collection}.lock`);
  const owner = randomUUID();
  await mkdir(folder, { recursive: true }).catch((cause: unknown) => {
    throw storeError(cause, target);
  });
  for (let attempt = 0; !(await created(path, owner, target)); attempt++) {
    const age = await stat(path).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    if (age < LEASE_MS || attempt > 0) throw storeBusy(url, collection);
    await unlink(path).catch(() => undefined);
  }
  const isMine = async () => (await readFile(path, "utf8").catch(() => "")) === owner;
  return {
    renew: async () => {
      if (!(await isMine())) throw storeBusy(url, collection);
      await utimes(path, new Date(), new Date());
    },
    release: async () => {
      if (await isMine()) await unlink(path);
    },
  };
}

/** False where the file is there already. */
async function created(path: string, owner: string, target: StoreTarget): Promise<boolean> {
  try {
    const file = await open(path, "wx");
    await file.writeFile(owner);
    await file.close();
    return true;
  } catch (error) {
    if (errorCodeOf(error) === "EEXIST") return false;
    throw storeError(error, target);
  }
}
