/** A lock in PostgreSQL: a row that its holder renews; a lock of the session would tie a push to one connection of a pool. */
import { randomUUID } from "node:crypto";
import type { StoreLock } from "../store-kind.ts";
import { LEASE_MS, storeBusy } from "../store-lease.ts";
import type { StoreTarget } from "../store-target.ts";
import type { Run } from "./postgres-client.ts";

/** STORE_BUSY while another holds it. */
export async function leaseLock(run: Run, { url, collection }: StoreTarget): Promise<StoreLock> {
  const owner = randomUUID();
  const renew = async (): Promise<void> => {
    const now = Date.now();
    const taken = await run(
      `INSERT INTO tailrec_locks VALUES ($1, $2, $3) ON CONFLICT (collection) DO UPDATE SET owner = excluded.owner, until = excluded.until
       WHERE tailrec_locks.owner = excluded.owner OR tailrec_locks.until < $4 RETURNING owner`,
      [collection, owner, now + LEASE_MS, now],
    );
    if (taken.length === 0) throw storeBusy(url, collection);
  };
  await renew();
  return {
    renew,
    release: async () => {
      await run("DELETE FROM tailrec_locks WHERE collection = $1 AND owner = $2", [collection, owner]);
    },
  };
}
