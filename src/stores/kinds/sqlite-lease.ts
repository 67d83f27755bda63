/** A lock in SQLite: a row that its holder renews, and that anybody may take over once it has run out. */
import { randomUUID } from "node:crypto";
import type { StoreLock } from "../store-kind.ts";
import { LEASE_MS, storeBusy } from "../store-lease.ts";
import type { StoreTarget } from "../store-target.ts";
import type { SqliteDatabase } from "./sqlite-client.ts";

/** STORE_BUSY while another holds it. */
export function leaseLock(database: SqliteDatabase, { url, collection }: StoreTarget): StoreLock {
  const owner = randomUUID();
  const take = database.prepare(
    `INSERT INTO tailrec_locks VALUES (?, ?, ?) ON CONFLICT (collection) DO UPDATE SET owner = excluded.owner, until = excluded.until
     WHERE tailrec_locks.owner = excluded.owner OR tailrec_locks.until < ?`,
  );
  const holder = database.prepare("SELECT owner FROM tailrec_locks WHERE collection = ?");
  const renew = (): void => {
    const now = Date.now();
    take.run(collection, owner, now + LEASE_MS, now);
    if (holder.get(collection)?.owner !== owner) throw storeBusy(url, collection);
  };
  renew();
  return {
    renew: async () => renew(),
    release: async () => {
      database.prepare("DELETE FROM tailrec_locks WHERE collection = ? AND owner = ?").run(collection, owner);
    },
  };
}
