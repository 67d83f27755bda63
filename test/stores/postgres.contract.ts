/** PostgreSQL with pgvector over the wire, and lines that are slow, cut or dead. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectionTo } from "../../src/stores/kinds/postgres-client.ts";
import type { VectorStore } from "../../src/stores/store-kind.ts";
import { storeKindOf } from "../../src/stores/store-kinds.ts";
import { pushContent } from "../../src/stores/store-push.ts";
import { storeTarget } from "../../src/stores/store-target.ts";
import { type Line, type LocalServer, startLine, startPostgres, startRefusal } from "./postgres-server.ts";
import { storeContract } from "./store-contract.ts";
import { storeWorld } from "./store-world.ts";

storeContract("PostgreSQL with pgvector", async () => {
  const { port, stop } = await startPostgres();
  return { url: `postgresql://postgres@127.0.0.1:${port}/postgres`, secret: "unused", stop };
});

describe("PostgreSQL at the end of a bad line", () => {
  let server: LocalServer;
  let line: Line;
  const open = async (port: number, timeoutMs = 5000): Promise<VectorStore> => {
    const url = `postgresql://postgres@127.0.0.1:${port}/postgres`;
    const secret = { TAILREC_STORE_SECRET: "the password" };
    return storeKindOf(url).open(await storeTarget(url, { collection: "line", timeoutMs }, secret));
  };
  beforeAll(async () => {
    server = await startPostgres();
    line = await startLine(server.port);
  });
  afterAll(async () => {
    await line.stop();
    await server.stop();
  });

  it("is unreachable where nobody listens", async () => {
    const { port, stop } = await startLine(server.port);
    await stop();
    await expect(open(port)).rejects.toMatchObject({ code: "STORE_UNREACHABLE", message: /ECONNREFUSED/ });
  });

  it("keeps a view that has the name of the collection and is not tailrec's", async () => {
    const url = `postgresql://postgres@127.0.0.1:${server.port}/postgres`;
    const { run, end } = await connectionTo(await storeTarget(url, {}, {}));
    await run("CREATE VIEW line AS SELECT 1 AS mine");
    const store = await open(server.port);
    const push = pushContent(store, storeWorld("cosine", 20).content);
    await expect(push).rejects.toMatchObject({ code: "STORE_MISMATCH", message: /"line"/ });
    expect(await run("SELECT mine FROM line")).toEqual([{ mine: 1 }]);
    await run("DROP VIEW line");
    await store.close();
    await end();
  });

  it("says that a password is wrong, and never says the password", async () => {
    const refusal = await startRefusal();
    const error = await open(refusal.port).catch((cause: unknown) => cause);
    await refusal.stop();
    expect(error).toMatchObject({ code: "STORE_DENIED" });
    expect(String(error)).not.toContain("the password");
  });

  it("keeps what readers see when the line breaks again and again", async () => {
    const reader = await open(server.port);
    const { record } = await pushContent(reader, storeWorld("cosine", 100).content);
    line.state = { breaksAfter: 20_000 };
    const broken = await open(line.port);
    const push = pushContent(broken, storeWorld("cosine", 2000, 2).content);
    await expect(push).rejects.toMatchObject({ code: "STORE_UNREACHABLE" });
    expect(await reader.current()).toEqual(record);
    await broken.close();
    await reader.close();
  });

  it("gets through a line that breaks now and then", async () => {
    line.state = { breaksAfter: 400_000 };
    const url = `postgresql://postgres@127.0.0.1:${line.port}/postgres`;
    const store = await storeKindOf(url).open(await storeTarget(url, { collection: "often_cut" }, {}));
    const { content } = storeWorld("cosine", 3000, 3);
    const { sent, record } = await pushContent(store, content);
    expect(sent).toBe(3000);
    line.state = "open";
    expect(await store.search(record, { vector: content.items[2999].vector, count: 1 })).toMatchObject([
      { id: content.items[2999].id },
    ]);
    await store.close();
  });

  it("gives up on a server that says nothing for too long", async () => {
    const store = await open(line.port, 700);
    line.state = "silent";
    await expect(store.current()).rejects.toMatchObject({ code: "STORE_UNREACHABLE" });
    line.state = "open";
    await store.close();
  });
});
