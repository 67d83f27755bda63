/** Qdrant's client against a server that holds every request to the OpenAPI document. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { storeKindOf } from "../../src/stores/store-kinds.ts";
import { pushContent } from "../../src/stores/store-push.ts";
import { storeTarget } from "../../src/stores/store-target.ts";
import { type QdrantServer, startQdrant } from "./qdrant-server.ts";
import { storeContract } from "./store-contract.ts";
import { storeWorld } from "./store-world.ts";

const KEY = "key of the shop";

storeContract("Qdrant", async () => {
  const server = await startQdrant(KEY);
  return {
    url: `qdrant://127.0.0.1:${server.port}`,
    secret: KEY,
    stop: async () => {
      await server.stop();
      expect(server.invalid).toEqual([]);
    },
  };
});

describe("Qdrant in trouble", () => {
  let server: QdrantServer;
  const open = async (secret: string | undefined) => {
    const url = `qdrant://127.0.0.1:${server.port}`;
    return storeKindOf(url).open(await storeTarget(url, { collection: "trouble" }, { TAILREC_STORE_SECRET: secret }));
  };
  beforeAll(async () => {
    server = await startQdrant(KEY);
  });
  afterAll(() => server.stop());

  it("says that a key is wrong, and never says the key", async () => {
    const error = await open("a wrong key").catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: "STORE_DENIED" });
    expect(String(error)).not.toContain("a wrong key");
  });

  it("keeps what readers see when the disk is full, and takes the push once there is room", async () => {
    const store = await open(KEY);
    const { record } = await pushContent(store, storeWorld("cosine", 50).content);
    server.full = true;
    const next = storeWorld("cosine", 50, 2).content;
    await expect(pushContent(store, next)).rejects.toMatchObject({ code: "STORE_FAILED", message: /No space left/ });
    expect(await store.current()).toEqual(record);
    server.full = false;
    expect(await pushContent(store, next)).toMatchObject({ sent: 50 });
  });
});
