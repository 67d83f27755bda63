import { execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadBundleFiles, requireReplaceable, saveBundleFiles } from "../../src/bundle/bundle-store.ts";

let base: string;
let folder: string;

const content = {
  manifest: { rank: 8, config: { seed: 1, als: { rank: 8 } }, metrics: [{ value: 0.25 }, null], name: "Käse" },
  files: {
    "ids.json": '["0012","ü"]',
    "vectors.safetensors": Uint8Array.from({ length: 300 }, (_, i) => i % 251),
    "empty.bin": new Uint8Array(0),
  },
};
const names = [...Object.keys(content.files), "manifest.json"];

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), "tailrec-bundle-"));
  folder = join(base, "bundle");
});

afterEach(() => rm(base, { recursive: true, force: true }));

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** A TailrecError whose message holds the parts in this order. */
function failure(code: string, ...parts: string[]) {
  const message = expect.stringMatching(new RegExp(parts.map(escaped).join(".*")));
  return expect.objectContaining({ code, message });
}

describe("a bundle", () => {
  it("comes back as it was saved", async () => {
    await saveBundleFiles(folder, content);
    const loaded = await loadBundleFiles(folder);
    expect(loaded.manifest).toEqual(content.manifest);
    expect(loaded.createdBy).toMatch(/^tailrec \d+\.\d+\.\d+/);
    expect([...loaded.names].sort()).toEqual(Object.keys(content.files).sort());
    expect(new TextDecoder().decode(loaded.read("ids.json"))).toBe(content.files["ids.json"]);
    expect([...loaded.read("vectors.safetensors")]).toEqual([...content.files["vectors.safetensors"]]);
  });

  it("has the same bytes for the same content, whatever the order of the keys", async () => {
    const reversed = {
      manifest: Object.fromEntries(Object.entries(content.manifest).reverse()),
      files: Object.fromEntries(Object.entries(content.files).reverse()),
    };
    await saveBundleFiles(folder, content);
    await saveBundleFiles(join(base, "again"), reversed);
    for (const name of names) {
      expect(await readFile(join(base, "again", name))).toEqual(await readFile(join(folder, name)));
    }
  });

  it("replaces an earlier bundle, a damaged one too, and leaves nothing beside it", async () => {
    await saveBundleFiles(folder, { manifest: {}, files: { "older.bin": "x" } });
    await saveBundleFiles(folder, content);
    await writeFile(join(folder, "manifest.json"), "{");
    await saveBundleFiles(folder, content);
    expect((await loadBundleFiles(folder)).manifest).toEqual(content.manifest);
    expect(await readdir(base)).toEqual(["bundle"]);
  });

  it("that an older version left aside when it died is named, and left alone", async () => {
    await saveBundleFiles(folder, content);
    await rename(folder, `${folder}.old-1`);
    await expect(loadBundleFiles(folder)).rejects.toThrow(failure("BUNDLE_MISSING", `${folder}.old-1`, "rename it"));
    expect(await readdir(base)).toEqual(["bundle.old-1"]);
  });

  it("says which file it lacks when asked for one that is not of it", async () => {
    await saveBundleFiles(folder, content);
    const loaded = await loadBundleFiles(folder);
    expect(() => loaded.read("prior.bin")).toThrow(failure("BUNDLE_CORRUPT", "prior.bin"));
  });
});

describe("a bundle is refused", () => {
  it("as BUNDLE_MISSING when there is no folder, or a file in its place", async () => {
    await expect(loadBundleFiles(folder)).rejects.toThrow(failure("BUNDLE_MISSING", folder, "tailrec run"));
    await writeFile(folder, "");
    await expect(loadBundleFiles(folder)).rejects.toThrow(failure("BUNDLE_MISSING", folder));
  });

  it.each(names)("when %s is deleted", async (name) => {
    await saveBundleFiles(folder, content);
    await rm(join(folder, name));
    await expect(loadBundleFiles(folder)).rejects.toThrow(failure("BUNDLE_CORRUPT", name, "tailrec run"));
  });

  it.each(names.filter((name) => name !== "empty.bin"))(
    "when %s is truncated, naming what was expected",
    async (name) => {
      await saveBundleFiles(folder, content);
      await truncate(join(folder, name), 10);
      await expect(loadBundleFiles(folder)).rejects.toThrow(failure("BUNDLE_CORRUPT", name, "expected", "tailrec run"));
    },
  );

  it.each(names)("when a byte is appended to %s", async (name) => {
    await saveBundleFiles(folder, content);
    await writeFile(join(folder, name), " ", { flag: "a" });
    await expect(loadBundleFiles(folder)).rejects.toThrow(failure("BUNDLE_CORRUPT", name));
  });

  it.each(names.filter((name) => name !== "empty.bin"))("when any one byte of %s is flipped", async (name) => {
    await saveBundleFiles(folder, content);
    const path = join(folder, name);
    const bytes = await readFile(path);
    const step = Math.max(1, Math.floor(bytes.length / 40));
    for (let i = 0; i < bytes.length; i += step) {
      bytes[i] ^= 1;
      await writeFile(path, bytes);
      await expect(loadBundleFiles(folder), `byte ${i}`).rejects.toThrow(failure("BUNDLE_CORRUPT", name));
      bytes[i] ^= 1;
    }
    await writeFile(path, bytes);
    await expect(loadBundleFiles(folder)).resolves.toBeDefined();
  });

  it("when a file is in it that the manifest does not list", async () => {
    await saveBundleFiles(folder, content);
    await writeFile(join(folder, "notes.txt"), "mine");
    await expect(loadBundleFiles(folder)).rejects.toThrow(failure("BUNDLE_CORRUPT", "notes.txt"));
  });

  it("as BUNDLE_VERSION when a newer tailrec wrote it, whatever else that version changed", async () => {
    await saveBundleFiles(folder, content);
    await writeFile(join(folder, "manifest.json"), '{"format":"tailrec-bundle","formatVersion":999,"shards":[]}');
    await expect(loadBundleFiles(folder)).rejects.toThrow(failure("BUNDLE_VERSION", "version 999", "update tailrec"));
  });

  it("when its manifest names a file outside the folder", async () => {
    await saveBundleFiles(folder, content);
    const path = join(folder, "manifest.json");
    await writeFile(path, (await readFile(path, "utf8")).replace('"ids.json"', '"../ids.json"'));
    await expect(loadBundleFiles(folder)).rejects.toThrow(failure("BUNDLE_CORRUPT", "manifest.json"));
  });
});

describe("saving is refused", () => {
  it("where the folder holds a file that is not of a bundle, which stays", async () => {
    await mkdir(folder);
    await writeFile(join(folder, "thesis.txt"), "years of work");
    await expect(saveBundleFiles(folder, content)).rejects.toThrow(failure("OUTPUT_FAILED", "thesis.txt"));
    await expect(requireReplaceable(folder, [])).rejects.toThrow(failure("OUTPUT_FAILED", "thesis.txt"));
    expect(await readdir(folder)).toEqual(["thesis.txt"]);
  });

  it.each(["../x", "a/b", "manifest.json", ".hidden", ""])("for the file name %j", async (name) => {
    const saved = saveBundleFiles(folder, { manifest: {}, files: { [name]: "x" } });
    await expect(saved).rejects.toThrow(failure("INVALID_ARGUMENT"));
    expect(await readdir(base)).toEqual([]);
  });

  it("for a manifest that uses a key of the container", async () => {
    const saved = saveBundleFiles(folder, { manifest: { files: [] }, files: {} });
    await expect(saved).rejects.toThrow(failure("INVALID_ARGUMENT", "files"));
  });
});

const module = pathToFileURL(join(import.meta.dirname, "../../src/bundle/bundle-store.ts")).href;

describe.skipIf(process.platform === "win32")("a write that breaks off", () => {
  it("at the second of three files leaves the earlier bundle loadable and no temporary", async () => {
    await saveBundleFiles(folder, content);
    const script = `
      import { saveBundleFiles } from ${JSON.stringify(module)};
      const files = { "a.bin": "small", "big.bin": Buffer.alloc(2_000_000), "c.bin": "small" };
      await saveBundleFiles(${JSON.stringify(folder)}, { manifest: {}, files }).catch((error) => console.log(error.code));`;
    const command = `ulimit -f 512; ${process.execPath} --import tsx --input-type=module -e "$SCRIPT"`;
    const { stdout } = await promisify(execFile)("bash", ["-c", command], { env: { ...process.env, SCRIPT: script } });
    expect(stdout).toBe("OUTPUT_FAILED\n");
    expect((await loadBundleFiles(folder)).manifest).toEqual(content.manifest);
    expect(await readdir(base)).toEqual(["bundle"]);
  });

  it("by a kill at any moment leaves a whole bundle, the earlier or the later one", async () => {
    const script = `
      import { saveBundleFiles } from ${JSON.stringify(module)};
      const files = { "a.bin": "small", "big.bin": Buffer.alloc(200_000) };
      for (let round = 0; ; round++) {
        await saveBundleFiles(${JSON.stringify(folder)}, { manifest: { round }, files });
        if (round === 0) console.log("started");
      }`;
    for (let kill = 0; kill < 4; kill++) {
      const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script]);
      await once(child.stdout, "data");
      await new Promise((resolve) => setTimeout(resolve, 37 * kill));
      child.kill("SIGKILL");
      await once(child, "exit");
      const loaded = await loadBundleFiles(folder);
      expect(loaded.manifest).toEqual({ round: expect.any(Number) });
    }
  });
});

const compiled = pathToFileURL(join(import.meta.dirname, "../../dist/bundle/bundle-store.js")).href;

/** Whether a process may have a namespace of process numbers of its own here. */
function namespaced(): boolean {
  return spawnSync("unshare", ["-pf", "true"]).status === 0;
}

describe.skipIf(process.platform !== "linux" || !namespaced())("writers that are all process number 1", () => {
  it("never break the bundle for each other or for a reader, and leave nothing", async () => {
    await saveBundleFiles(folder, content);
    const script = (writer: number) => `
      import { saveBundleFiles } from ${JSON.stringify(compiled)};
      for (let round = 0; round < 8; round++) {
        const files = { "a.bin": "${writer} " + round, "big.bin": Buffer.alloc(50_000, ${writer}) };
        await saveBundleFiles(${JSON.stringify(folder)}, { manifest: { writer: ${writer} }, files });
      }`;
    const run = promisify(execFile);
    let running = true;
    const writers = Promise.all(
      [1, 2, 3, 4, 5].map((writer) =>
        run("unshare", ["-pf", process.execPath, "--input-type=module", "-e", script(writer)]),
      ),
    ).finally(() => {
      running = false;
    });
    while (running) expect((await loadBundleFiles(folder)).names.length).toBeGreaterThan(1);
    expect((await writers).map(({ stderr }) => stderr)).toEqual(["", "", "", "", ""]);
    const loaded = await loadBundleFiles(folder);
    const { writer } = loaded.manifest;
    expect(loaded.read("big.bin").every((byte) => byte === writer)).toBe(true);
    expect(await readdir(base)).toEqual(["bundle"]);
  }, 60_000);

  it("leave nothing behind for the next of that number to trip over when they are killed", async () => {
    const script = `
      import { saveBundleFiles } from ${JSON.stringify(compiled)};
      for (;;) await saveBundleFiles(${JSON.stringify(folder)}, { manifest: {}, files: { "big.bin": Buffer.alloc(200_000) } });`;
    for (let kill = 0; kill < 3; kill++) {
      const child = spawn("unshare", ["-pf", "--kill-child", process.execPath, "--input-type=module", "-e", script]);
      await new Promise((resolve) => setTimeout(resolve, 400 + 31 * kill));
      child.kill("SIGKILL");
      child.stdout.resume();
      child.stderr.resume();
      // The pipes close when the last process that holds them is gone.
      await once(child, "close");
    }
    await saveBundleFiles(folder, content);
    expect(await readdir(base)).toEqual(["bundle"]);
  });
});
