/** A lock in Weaviate: a class that only one can create, whose one object says who holds it, and until when. */
import { randomUUID } from "node:crypto";
import { TailrecError } from "../../errors.ts";
import type { StoreLock } from "../store-kind.ts";
import { LEASE_MS, storeBusy } from "../store-lease.ts";
import type { StoreTarget } from "../store-target.ts";
import type { WeaviateClient } from "./weaviate-client.ts";

const ID = "00000000-0000-4000-8000-000000000000";

interface Holder {
  readonly owner?: string;
  readonly until?: number;
}

/** STORE_BUSY while another holds it. */
export async function classLock(
  client: WeaviateClient,
  name: string,
  { url, collection }: StoreTarget,
): Promise<StoreLock> {
  const owner = randomUUID();
  const isThere = async () => (await client.request("GET", `/schema/${name}`)) !== undefined;
  const remove = () => client.request("DELETE", `/schema/${name}`);
  const holder = async (): Promise<Holder | undefined> =>
    (await client.request<{ readonly properties: Holder }>("GET", `/objects/${name}/${ID}`))?.properties;
  const renew = async (): Promise<void> => {
    if (((await holder())?.owner ?? owner) !== owner) throw storeBusy(url, collection);
    const object = { class: name, id: ID, properties: { owner, until: Date.now() + LEASE_MS }, vector: [1] };
    await client.request("POST", "/batch/objects", { objects: [object] });
  };
  if (await isThere()) {
    if (((await holder())?.until ?? 0) > Date.now()) throw storeBusy(url, collection);
    await remove();
  }
  try {
    const properties = [
      { name: "owner", dataType: ["text"] },
      { name: "until", dataType: ["number"] },
    ];
    await client.request("POST", "/schema", { class: name, vectorizer: "none", properties });
  } catch (error) {
    if (error instanceof TailrecError && error.code === "STORE_FAILED" && (await isThere())) {
      throw storeBusy(url, collection);
    }
    throw error;
  }
  await renew();
  return {
    renew,
    release: async () => {
      if ((await holder())?.owner === owner) await remove();
    },
  };
}
