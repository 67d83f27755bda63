/** Weaviate, the real server, where TAILREC_WEAVIATE names it; and answers that no server gives on demand. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { storeKindOf } from "../../src/stores/store-kinds.ts";
import { pushContent } from "../../src/stores/store-push.ts";
import { storeTarget } from "../../src/stores/store-target.ts";
import { startLine } from "./postgres-server.ts";
import { storeContract } from "./store-contract.ts";
import { storeWorld } from "./store-world.ts";
import { program, startWeaviate, type WeaviateServer } from "./weaviate-server.ts";

const KEY = "key-of-the-shop";

async function open(port: number, secret: string | undefined, timeoutMs = 30_000) {
  const url = `weaviate://127.0.0.1:${port}`;
  return storeKindOf(url).open(
    await storeTarget(url, { collection: "trouble", timeoutMs }, { TAILREC_STORE_SECRET: secret }),
  );
}

if (program === undefined) {
  process.stderr.write(
    "Weaviate itself is not tested: TAILREC_WEAVIATE names no server (CONTRIBUTING says how to get one)\n",
  );
} else {
  storeContract("Weaviate", async () => {
    const { port, stop } = await startWeaviate(KEY);
    return { url: `weaviate://127.0.0.1:${port}`, secret: KEY, stop };
  });

  describe("Weaviate in trouble", () => {
    let weaviate: WeaviateServer;
    beforeAll(async () => {
      weaviate = await startWeaviate(KEY);
    });
    afterAll(() => weaviate.stop());

    it("says that a key is wrong, and never says the key", async () => {
      for (const key of ["a-wrong-key", undefined]) {
        const error = await open(weaviate.port, key).catch((cause: unknown) => cause);
        expect(error).toMatchObject({ code: "STORE_DENIED" });
        expect(String(error)).not.toContain("a-wrong-key");
      }
    });

    it("keeps a class that has the name and is not tailrec's", async () => {
      const headers = { authorization: `Bearer ${KEY}`, "content-type": "application/json" };
      const body = JSON.stringify({ class: "Mine", vectorizer: "none" });
      await fetch(`http://127.0.0.1:${weaviate.port}/v1/schema`, { method: "POST", headers, body });
      const url = `weaviate://127.0.0.1:${weaviate.port}`;
      const target = await storeTarget(url, { collection: "mine" }, { TAILREC_STORE_SECRET: KEY });
      const push = pushContent(await storeKindOf(url).open(target), storeWorld("cosine", 20).content);
      await expect(push).rejects.toMatchObject({ code: "STORE_MISMATCH", message: /"Mine"/ });
    });

    it("keeps what readers see when the line breaks", async () => {
      const line = await startLine(weaviate.port);
      const reader = await open(weaviate.port, KEY);
      const { record } = await pushContent(reader, storeWorld("cosine", 60).content);
      const writer = await open(line.port, KEY);
      line.state = { breaksAfter: 20_000 };
      const push = pushContent(writer, storeWorld("cosine", 2000, 2).content);
      await expect(push).rejects.toMatchObject({ code: "STORE_UNREACHABLE" });
      expect(await reader.current()).toEqual(record);
      await line.stop();
    });

    it("is unreachable once it was killed", async () => {
      const store = await open(weaviate.port, KEY);
      await pushContent(store, storeWorld("cosine", 50).content);
      weaviate.server.kill("SIGKILL");
      await expect(store.current()).rejects.toMatchObject({ code: "STORE_UNREACHABLE" });
    });
  });
}

describe("what answers in Weaviate's place", () => {
  it("is told apart: a batch of which an item was refused, another server, and silence", async () => {
    let batch: object = [];
    const server = createServer((request, response) => {
      if (request.url === "/v1/schema/silent") return;
      const isKnown = request.url === "/v1/meta" || request.method === "POST" || request.method === "DELETE";
      response.writeHead(isKnown ? 200 : 404).end(JSON.stringify(request.url === "/v1/batch/objects" ? batch : {}));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const store = await open(port, undefined, 300);
    batch = [{ result: {} }, { result: { errors: { error: [{ message: "store is read-only due to disk usage" }] } } }];
    const push = pushContent(store, storeWorld("dot", 20).content);
    await expect(push).rejects.toMatchObject({ code: "STORE_FAILED", message: /1 of 20 items.*disk usage/ });
    server.removeAllListeners("request").on("request", () => {});
    await expect(store.current()).rejects.toMatchObject({ code: "STORE_UNREACHABLE" });
    server.removeAllListeners("request").on("request", (_, response) => response.writeHead(404).end("no such page"));
    await expect(open(port, undefined)).rejects.toMatchObject({ code: "STORE_UNREACHABLE", message: /no Weaviate/ });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
});
