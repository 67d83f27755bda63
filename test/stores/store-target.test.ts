/** Addresses, secrets and clients of stores, where no store is installed. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadClient } from "../../src/stores/store-client.ts";
import { storeError } from "../../src/stores/store-errors.ts";
import { storeKindOf, storeKinds } from "../../src/stores/store-kinds.ts";
import { storeTarget } from "../../src/stores/store-target.ts";

describe("the secret of a store", () => {
  it("comes from the environment or the first line of a file, the file first", async () => {
    const folder = await mkdtemp(join(tmpdir(), "tailrec-secret-"));
    const file = join(folder, "secret");
    await writeFile(file, "from a file\n# not this\n");
    const url = "qdrant://localhost:6333";
    expect((await storeTarget(url, {}, {})).secret).toBeUndefined();
    expect((await storeTarget(url, {}, { TAILREC_STORE_SECRET: "said" })).secret).toBe("said");
    expect((await storeTarget(url, { secretFile: file }, { TAILREC_STORE_SECRET: "said" })).secret).toBe("from a file");
    expect((await storeTarget(url, {}, { TAILREC_STORE_SECRET_FILE: file })).secret).toBe("from a file");
    await rm(folder, { recursive: true });
  });

  it("is refused in an address, and is in no message", async () => {
    for (const url of [
      "postgresql://a:hunter2@h/d",
      "qdrant://h:6333?api_key=hunter2",
      "postgres://h/d?password=hunter2",
      "postgresql://shop:hunter2/x@h/d",
      "postgresql://shop:hunter2@x@h/d",
    ]) {
      const error = await storeTarget(url, {}, {}).catch((cause: unknown) => cause);
      expect(error).toMatchObject({ code: "INVALID_ARGUMENT" });
      expect(String(error)).not.toContain("hunter2");
    }
    const cause = new Error("bad key hunter2", { cause: new Error("header api-key: hunter2") });
    const { message } = storeError(cause, { url: "qdrant://h", secret: "hunter2" });
    expect(message).toMatch(/bad key \*\*\*: header api-key: \*\*\*/);
  });
});

describe("a store by its address", () => {
  it("is known by its scheme, each kind by its own, and an unknown one is told all of them", () => {
    for (const kind of storeKinds) {
      expect(storeKindOf(kind.example)).toBe(kind);
      for (const scheme of kind.schemes) expect(storeKindOf(`${scheme}:x`)).toBe(kind);
    }
    const schemes = storeKinds.flatMap((kind) => kind.schemes);
    expect(new Set(schemes).size).toBe(schemes.length);
    expect(() => storeKindOf("redis://localhost")).toThrow(/sqlite:.*postgresql:.*qdrant:.*lancedb:/);
  });

  it("needs a place, which may be a socket", async () => {
    for (const url of [
      "sqlite:",
      "lancedb://",
      "qdrant://",
      "qdrant://:6333",
      "weaviate://h:99999",
      "postgres://h:x/d",
    ]) {
      await expect(storeTarget(url, {}, {})).rejects.toMatchObject({
        code: "INVALID_ARGUMENT",
        message: /the place of/,
      });
    }
    for (const url of ["postgresql:///shop?host=/run", "postgres://u@%2Frun/shop", "postgres://h:5432/d?user=a@b"]) {
      expect(await storeTarget(url, {}, {})).toMatchObject({ url });
    }
    const memory = storeKindOf("sqlite:").open(await storeTarget("sqlite::memory:", {}, {}));
    await expect(memory).rejects.toMatchObject({ code: "INVALID_ARGUMENT", message: /name a file/ });
  });

  it("names a collection that every store takes", async () => {
    for (const collection of ["Items", "a-b", "1st", "x".repeat(60)]) {
      await expect(storeTarget("sqlite:x", { collection }, {})).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    }
  });

  it("needs a client, which is asked for by the line that installs it", async () => {
    const load = loadClient("a-client-that-nobody-has", ["a-client-that-nobody-has@1"]);
    await expect(load).rejects.toMatchObject({
      code: "STORE_CLIENT_MISSING",
      message: /npm install a-client-that-nobody-has@1/,
    });
  });
});
