/** Locks that are leases: a push that died gives its lock up by no longer renewing it. */
import { TailrecError } from "../errors.ts";

/** A lease not renewed for so long has run out; every batch renews it. */
export const LEASE_MS = 60_000;

export function storeBusy(url: string, collection: string): TailrecError {
  const remedy = "wait until it has ended; one that died gives way after a minute";
  return new TailrecError("STORE_BUSY", `${url}: another push writes to "${collection}"; ${remedy}`);
}
