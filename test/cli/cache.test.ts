/** `tailrec cache` on a cache of two encoders. */
import { spawnSync } from "node:child_process";
import { copyFile, cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cacheAddress, inputKey, openEmbeddingCache, storePath } from "../../src/encoders/cache/embedding-cache.ts";
import { recordSize } from "../../src/encoders/cache/vector-record.ts";
import { loadManifest } from "../../src/encoders/models/manifest.ts";
import { root, tailrec } from "./tailrec.ts";

let folder: string;
let textStore: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tailrec-cache-"));
  for (const [encoder, count] of [
    ["tailrec-text-small", 30],
    ["resnet56-cifar10", 5],
  ] as const) {
    const { manifest } = await loadManifest(encoder, root);
    const cache = await openEmbeddingCache(folder, manifest);
    const vector = new Float32Array(manifest.dimension);
    await cache.add(Array.from({ length: count }, (_, i) => ({ key: inputKey(`input ${i}`), vector })));
    await cache.close();
    if (manifest.task === "text") textStore = storePath(folder, cacheAddress(manifest));
  }
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const cache = (verb: string, ...args: readonly string[]) => tailrec("cache", verb, "--cache", folder, ...args);

describe("tailrec cache", () => {
  it("stats says whose vectors there are, how many and how large", async () => {
    const { status, stdout } = await cache("stats", "--json");
    expect(status).toBe(0);
    const { stores } = JSON.parse(stdout) as { stores: { encoder: string }[] };
    expect(stores.find(({ encoder }) => encoder === "tailrec-text-small")).toMatchObject({
      vectors: 30,
      bytes: 30 * recordSize(256),
      wasted: 0,
      dimension: 256,
    });
    expect((await cache("stats")).stdout).toMatch(/resnet56-cifar10 +image +64 +5 +1\.5 kB/);
  });

  it("verify finds a flipped byte, says where, and ends with 2; prune removes it", async () => {
    const [intact] = await Promise.all([cache("verify"), copyFile(textStore, `${textStore}.intact`)]);
    expect(intact).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/PASS {2}tailrec-text-small +30 records/),
    });
    const bytes = await readFile(textStore);
    bytes[recordSize(256) * 7 + 60] ^= 4;
    await writeFile(textStore, bytes);
    const { status, stdout, stderr } = await cache("verify");
    expect(status).toBe(2);
    expect(stdout).toContain(`first at byte ${recordSize(256) * 7}`);
    expect(stderr).toContain("UNREADABLE_INPUT");
    const dry = await cache("prune", "--dry-run");
    expect(dry.stdout).toMatch(/tailrec-text-small +0 +1\.1 kB +29/);
    expect((await cache("verify")).status).toBe(2);
    await cache("prune");
    expect((await cache("verify")).stdout).toMatch(/PASS {2}tailrec-text-small +29 records/);
  });

  it("prune keeps what a pipeline uses, and drops the oldest over a size", async () => {
    const pipeline = join(folder, "pipeline.yaml");
    await writeFile(
      pipeline,
      "name: x\noutput: out\nfeatures: { text: { encoder: tailrec-text-small } }\ndata:\n  items: { path: i.csv }\n  interactions: { path: e.csv }\n",
    );
    const dry = await cache("prune", "--used-by", pipeline, "--max-size", "4kB", "--dry-run", "--json");
    const { stores } = JSON.parse(dry.stdout) as { stores: { encoder: string; vectors: number; bytes: number }[] };
    expect(stores.map(({ encoder, vectors }) => [encoder, vectors]).sort()).toEqual([
      ["resnet56-cifar10", 0],
      ["tailrec-text-small", 3],
    ]);
  });

  it.each([
    [["stats", "--cache", "/nowhere/at/all"], 3, "there is no embedding cache at /nowhere/at/all"],
    [["prune", "--max-size", "2"], 2, "expected a number of bytes with its unit"],
    [["prune", "--older-than", "soon"], 2, "expected a number of days"],
  ])("%j ends with %i and says why", async (args, expected, message) => {
    const { status, stderr } = await tailrec("cache", ...args);
    expect([status, stderr]).toEqual([expected, expect.stringContaining(message)]);
  });
});

describe("a cache that cannot be written", () => {
  it("is listed, verified and planned for, but not pruned: that is an output that failed", async ({ skip }) => {
    const disk = await mkdtemp(join(tmpdir(), "tailrec-read-only-"));
    if (spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", disk]).status !== 0) {
      skip("mounting a small disk needs root");
    }
    try {
      await cp(folder, disk, { recursive: true });
      spawnSync("mount", ["-o", "remount,ro", disk]);
      const on = (...args: readonly string[]) => tailrec("cache", ...args, "--cache", disk);
      expect((await on("prune", "--max-size", "1kB", "--dry-run")).status).toBe(0);
      const { status, stderr } = await on("prune", "--max-size", "1kB");
      expect(stderr).toMatch(/^tailrec: OUTPUT_FAILED: could not write .*the file system is read-only/);
      expect(status).toBe(1);
    } finally {
      spawnSync("umount", [disk]);
      await rm(disk, { recursive: true, force: true });
    }
  });
});
