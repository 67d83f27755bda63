/** Qdrant's client against a server that holds every request to the OpenAPI document. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { storeKindOf } from "../../src/stores/store-kinds.ts";
import { pushContent } from "../../src/stores/store-push.ts";
import { storeTarget } from "../../src/stores/store-target.ts";
import { startLine } from "./postgres-server.ts";
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
  const open = async (
    secret: string | undefined,
    { collection = "trouble", port = server.port, timeoutMs = 5000 } = {},
  ) => {
    const url = `qdrant://127.0.0.1:${port}`;
    return storeKindOf(url).open(await storeTarget(url, { collection, timeoutMs }, { TAILREC_STORE_SECRET: secret }));
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

  it("keeps a collection, or an alias, that has the name and is not tailrec's", async () => {
    const ask = (method: string, path: string, body: object) =>
      fetch(`http://127.0.0.1:${server.port}${path}`, {
        method,
        headers: { "api-key": KEY, "content-type": "application/json" },
        body: JSON.stringify(body),
      });
    const push = async (collection: string) =>
      pushContent(await open(KEY, { collection }), storeWorld("cosine", 20).content);
    await ask("PUT", "/collections/mine", { vectors: { size: 3, distance: "Dot" } });
    const create_alias = { collection_name: "mine", alias_name: "other" };
    await ask("POST", "/collections/aliases", { actions: [{ create_alias }] });
    for (const name of ["mine", "other"]) {
      await expect(push(name)).rejects.toMatchObject({ code: "STORE_MISMATCH", message: new RegExp(`"${name}"`) });
    }
  });

  it("keeps what readers see when the line breaks, and gets through one that breaks now and then", async () => {
    const line = await startLine(server.port);
    const reader = await open(KEY, { collection: "cut" });
    const { record } = await pushContent(reader, storeWorld("cosine", 60).content);
    const next = storeWorld("cosine", 2000, 2).content;
    const writer = await open(KEY, { collection: "cut", port: line.port });
    line.state = { breaksAfter: 20_000 };
    await expect(pushContent(writer, next)).rejects.toMatchObject({ code: "STORE_UNREACHABLE" });
    expect(await reader.current()).toEqual(record);
    line.state = { breaksAfter: 900_000 };
    const { record: after } = await pushContent(await open(KEY, { collection: "through", port: line.port }), next);
    expect(after.rows).toBe(2000);
    line.state = "silent";
    const slow = await open(KEY, { collection: "cut", timeoutMs: 300, port: line.port }).catch(
      (cause: unknown) => cause,
    );
    expect(slow).toMatchObject({ code: "STORE_UNREACHABLE" });
    await line.stop();
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
