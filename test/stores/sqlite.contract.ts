/** SQLite with sqlite-vec, and what can be wrong with a file. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { storeKindOf } from "../../src/stores/store-kinds.ts";
import { storeTarget } from "../../src/stores/store-target.ts";
import { storeContract } from "./store-contract.ts";

storeContract("SQLite with sqlite-vec", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tailrec-sqlite-"));
  return { url: `sqlite:${join(folder, "items.db")}`, stop: () => rm(folder, { recursive: true }) };
});

describe("a file that is no store", () => {
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
