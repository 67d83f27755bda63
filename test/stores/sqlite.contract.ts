/** SQLite with sqlite-vec, and what can be wrong with a file. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { SqliteModule } from "../../src/stores/kinds/sqlite-client.ts";
import { loadClient } from "../../src/stores/store-client.ts";
import { storeKindOf } from "../../src/stores/store-kinds.ts";
import { pushContent } from "../../src/stores/store-push.ts";
import { storeTarget } from "../../src/stores/store-target.ts";
import { storeContract } from "./store-contract.ts";
import { storeWorld } from "./store-world.ts";

storeContract("SQLite with sqlite-vec", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tailrec-sqlite-"));
  return { url: `sqlite:${join(folder, "items.db")}`, stop: () => rm(folder, { recursive: true }) };
});

describe("a file that is no store", () => {
  it("keeps a table that has the name of the collection", async () => {
    const folder = await mkdtemp(join(tmpdir(), "tailrec-sqlite-"));
    const path = join(folder, "shop.db");
    const { default: Database } = await loadClient<SqliteModule>("better-sqlite3", []);
    const database = new Database(path, { timeout: 1000 });
    database.exec("CREATE TABLE tailrec_items (id TEXT); INSERT INTO tailrec_items VALUES ('mine')");
    const url = `sqlite:${path}`;
    const store = await storeKindOf(url).open(await storeTarget(url, {}));
    const push = pushContent(store, storeWorld("cosine", 20).content);
    await expect(push).rejects.toMatchObject({ code: "STORE_MISMATCH", message: /"tailrec_items"/ });
    expect(database.prepare("SELECT id FROM tailrec_items").all()).toEqual([{ id: "mine" }]);
    await store.close();
    database.close();
    await rm(folder, { recursive: true });
  });

  it("is told apart from a place that cannot be reached", async () => {
    const folder = await mkdtemp(join(tmpdir(), "tailrec-sqlite-"));
    await writeFile(join(folder, "text.db"), "not a database, but long enough to be taken for one".repeat(40));
    const open = async (path: string) => {
      const url = `sqlite:${path}`;
      return storeKindOf(url).open(await storeTarget(url, {}));
    };
    await expect(open(join(folder, "text.db"))).rejects.toMatchObject({ code: "STORE_UNREACHABLE" });
    await expect(open(join(folder, "text.db", "below"))).rejects.toMatchObject({ code: "STORE_UNREACHABLE" });
    await rm(folder, { recursive: true });
  });
});
