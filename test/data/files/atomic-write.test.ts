import { execFile, execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readablePath, writeFileAtomic, writeFolderAtomic } from "../../../src/data/files/atomic-write.ts";
import { TailrecError } from "../../../src/errors.ts";

let base: string;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), "tailrec-atomic-"));
});

afterEach(() => rm(base, { recursive: true, force: true }));

async function writeOld(folder: string): Promise<void> {
  await writeFolderAtomic(folder, (temporary) => writeFile(join(temporary, "a.txt"), "old"));
}

describe("writeFileAtomic", () => {
  it("writes text and bytes, making the parent folders, and leaves nothing else", async () => {
    const path = join(base, "deep", "er", "out.bin");
    await writeFileAtomic(path, "first");
    await writeFileAtomic(path, Uint8Array.of(1, 2, 3));
    expect([...(await readFile(path))]).toEqual([1, 2, 3]);
    expect(await readdir(join(base, "deep", "er"))).toEqual(["out.bin"]);
  });

  it("writes through a symbolic link and keeps the link", async () => {
    await writeFile(join(base, "real.txt"), "old");
    await symlink("real.txt", join(base, "link.txt"));
    await writeFileAtomic(join(base, "link.txt"), "new");
    expect(await readFile(join(base, "real.txt"), "utf8")).toBe("new");
  });

  it("says OUTPUT_FAILED with the path when a folder or a file is in the way", async () => {
    await mkdir(join(base, "folder"));
    await writeFile(join(base, "file"), "kept");
    for (const path of [join(base, "folder"), join(base, "file", "below")]) {
      await expect(writeFileAtomic(path, "x")).rejects.toMatchObject({
        code: "OUTPUT_FAILED",
        message: expect.stringContaining(path),
      });
    }
    expect((await readdir(base)).sort()).toEqual(["file", "folder"]);
    expect(await readFile(join(base, "file"), "utf8")).toBe("kept");
  });

  it("survives writers of one path at the same time: the last whole one wins", async () => {
    const path = join(base, "out.txt");
    const texts = Array.from({ length: 20 }, (_, i) => `${i}`.repeat(1000));
    await Promise.all(texts.map((text) => writeFileAtomic(path, text)));
    expect(texts).toContain(await readFile(path, "utf8"));
    expect(await readdir(base)).toEqual(["out.txt"]);
  });
});

describe("writeFolderAtomic", () => {
  it("replaces the whole folder: no file of the earlier one stays", async () => {
    const folder = join(base, "bundle");
    await writeOld(folder);
    await writeFolderAtomic(folder, async (temporary) => {
      await mkdir(join(temporary, "sub"));
      await writeFile(join(temporary, "sub", "b.txt"), "new");
    });
    expect((await readdir(folder, { recursive: true })).sort()).toEqual(["sub", join("sub", "b.txt")]);
    expect(await readdir(base)).toEqual(["bundle"]);
  });

  it("keeps the earlier folder and removes the temporary when filling throws half-way", async () => {
    const folder = join(base, "bundle");
    await writeOld(folder);
    const half = writeFolderAtomic(folder, async (temporary) => {
      await writeFile(join(temporary, "a.txt"), "half");
      throw new Error("broke off");
    });
    await expect(half).rejects.toMatchObject({ code: "OUTPUT_FAILED", message: expect.stringContaining("broke off") });
    expect(await readFile(join(folder, "a.txt"), "utf8")).toBe("old");
    expect(await readdir(base)).toEqual(["bundle"]);
  });

  it("passes an error of tailrec's own through unchanged", async () => {
    const interrupted = new TailrecError("INTERRUPTED", "the run was cancelled");
    const fill = () => Promise.reject(interrupted);
    await expect(writeFolderAtomic(join(base, "bundle"), fill)).rejects.toBe(interrupted);
    expect(await readdir(base)).toEqual([]);
  });

  it("never replaces a file by a folder", async () => {
    await writeFile(join(base, "notes"), "mine");
    await expect(writeOld(join(base, "notes"))).rejects.toMatchObject({ code: "OUTPUT_FAILED" });
    expect(await readFile(join(base, "notes"), "utf8")).toBe("mine");
    expect(await readdir(base)).toEqual(["notes"]);
  });
});

const module = pathToFileURL(join(import.meta.dirname, "../../../src/data/files/atomic-write.ts")).href;

/** Runs a script with `writeFolderAtomic` at hand in a child process; gives the code and message of its error. */
async function inChild(folder: string, bytes: number, prefix = ""): Promise<string> {
  const script = `
    import { writeFolderAtomic } from ${JSON.stringify(module)};
    import { writeFile } from "node:fs/promises";
    const fill = (temporary) => writeFile(temporary + "/a.txt", Buffer.alloc(${bytes}, 120));
    await writeFolderAtomic(${JSON.stringify(folder)}, fill).then(
      () => console.log("written"),
      (error) => console.log(error.code, error.message),
    );`;
  const node = `${process.execPath} --import tsx --input-type=module -e "$SCRIPT"`;
  const options = { env: { ...process.env, SCRIPT: script } };
  return (await promisify(execFile)("bash", ["-c", `${prefix}${node}`], options)).stdout;
}

/** True where this user may mount a small file system of its own. */
function mounted(folder: string): boolean {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=256k", "tmpfs", folder], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(process.platform === "win32")("faults of the system, met in a child process", () => {
  it("a file size limit (EFBIG) leaves the earlier folder and no temporary", async () => {
    const folder = join(base, "bundle");
    await writeOld(folder);
    // 512 KiB, in units of 1024 bytes: tsx itself writes small cache files.
    const output = await inChild(folder, 2_000_000, "ulimit -f 512; ");
    expect(output).toMatch(/^OUTPUT_FAILED could not write .*bundle.*ulimit/);
    expect(await readFile(join(folder, "a.txt"), "utf8")).toBe("old");
    expect(await readdir(base)).toEqual(["bundle"]);
  });

  it("a full disk (ENOSPC) leaves the earlier folder and no temporary, and says to free some space", async ({
    skip,
  }) => {
    const disk = join(base, "disk");
    await mkdir(disk);
    if (!mounted(disk)) skip("mounting a small disk needs root");
    try {
      await writeOld(join(disk, "bundle"));
      const output = await inChild(join(disk, "bundle"), 2_000_000);
      expect(output).toMatch(/^OUTPUT_FAILED could not write .*bundle: the disk is full; free some space/);
      expect(await readFile(join(disk, "bundle", "a.txt"), "utf8")).toBe("old");
      expect(await readdir(disk)).toEqual(["bundle"]);
      expect(await inChild(join(disk, "bundle"), 1000)).toBe("written\n");
    } finally {
      execFileSync("umount", [disk]);
    }
  });

  it("a read-only disk leaves the earlier folder, which can still be read", async ({ skip }) => {
    const disk = join(base, "disk");
    await mkdir(disk);
    if (!mounted(disk)) skip("mounting a small disk needs root");
    try {
      await writeOld(join(disk, "bundle"));
      execFileSync("mount", ["-o", "remount,ro", disk]);
      await expect(writeOld(join(disk, "bundle"))).rejects.toMatchObject({
        code: "OUTPUT_FAILED",
        message: expect.stringContaining("read-only"),
      });
      expect(await readablePath(join(disk, "bundle"))).toBe(join(disk, "bundle"));
      expect(await readFile(join(disk, "bundle", "a.txt"), "utf8")).toBe("old");
    } finally {
      execFileSync("umount", [disk]);
    }
  });
});
