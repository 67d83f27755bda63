/** Outputs that belong together: all old or all new, wherever the writer dies, and nothing left once another has written. */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type FileContent,
  readablePath,
  writeFileAtomic,
  writeTogether,
} from "../../../src/data/files/atomic-write.ts";

let base: string;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), "tailrec-switch-"));
});

afterEach(() => rm(base, { recursive: true, force: true }));

const compiled = pathToFileURL(join(import.meta.dirname, "../../../dist/data/files/atomic-write.js")).href;

/** Two files in two folders, and a folder, all of one version. */
function outputs(version: string, at = base) {
  return [
    [join(at, "out", "items.txt"), version] as FileContent,
    [join(at, "out", "deep", "users.txt"), version] as FileContent,
    {
      folder: join(at, "out", "bundle"),
      fill: (folder: string) => writeFile(join(folder, "vectors.txt"), version),
    },
  ];
}

/** The version of each output, as a reader finds it; "" where there is none. */
async function versions(at = base): Promise<string[]> {
  const paths = ["items.txt", join("deep", "users.txt"), "bundle"].map((name) => join(at, "out", name));
  const [items, users, bundle] = await Promise.all(paths.map(readablePath));
  return Promise.all([items, users, join(bundle, "vectors.txt")].map((path) => readFile(path, "utf8").catch(() => "")));
}

/** Writes a version in a process that is killed before its n-th change of the file system; tells whether it came that far. */
function killedBefore(change: number, version: string, folder = base, links = true): Promise<boolean> {
  const script = `
    import fs from "node:fs";
    import { syncBuiltinESMExports } from "node:module";
    let left = ${change};
    const count = () => --left > 0 || process.kill(process.pid, "SIGKILL");
    const wrap = (from, names) => {
      for (const name of names) {
        const original = from[name];
        from[name] = (...given) => { count(); return original(...given); };
      }
    };
    wrap(fs, ["renameSync", "symlinkSync", "linkSync", "unlinkSync"]);
    if (!${links}) fs.linkSync = () => { throw Object.assign(new Error("EPERM"), { code: "EPERM" }); };
    wrap(fs.promises, ["rename", "symlink", "unlink", "mkdir", "rmdir", "writeFile", "rm"]);
    syncBuiltinESMExports();
    const { writeTogether } = await import(${JSON.stringify(compiled)});
    const at = (name) => ${JSON.stringify(join(folder, "out"))} + "/" + name;
    const fill = (folder) => fs.promises.writeFile(folder + "/vectors.txt", "${version}");
    await writeTogether([[at("items.txt"), "${version}"], [at("deep/users.txt"), "${version}"], { folder: at("bundle"), fill }]);`;
  return new Promise((resolve) => {
    execFile(process.execPath, ["--input-type=module", "-e", script], (error, _, stderr) => {
      if (stderr !== "") throw new Error(stderr);
      resolve(error?.signal === "SIGKILL");
    });
  });
}

const whole = ["bundle", "deep", "items.txt"];

/** Kills of one sweep that are tried side by side. */
const AT_ONCE = 4;

describe("a kill before any change of the file system", () => {
  /** The version that the kill left, "" for none; undefined once the writer came to its end. */
  async function leftBy(change: number, earlier: string): Promise<string | undefined> {
    const at = join(base, String(change));
    if (earlier !== "") await writeTogether(outputs(earlier, at));
    const killed = await killedBefore(change, "new", at);
    const found = await versions(at);
    expect(found, `change ${change}`).toEqual(Array.from(found, () => (found[0] === "new" ? "new" : earlier)));
    await writeTogether(outputs("next", at));
    expect(await versions(at), `change ${change}`).toEqual(["next", "next", "next"]);
    expect((await readdir(join(at, "out"))).sort(), `change ${change}`).toEqual(whole);
    expect(await readdir(join(at, "out", "deep"))).toEqual(["users.txt"]);
    return killed ? found[0] : undefined;
  }

  it.each([
    { situation: "replacing what is there", earlier: "old", stride: 1 },
    { situation: "writing for the first time", earlier: "", stride: 3 },
  ])("leaves all or nothing, $situation", { timeout: 120_000 }, async ({ earlier, stride }) => {
    const left = new Set<string | undefined>();
    for (let change = 1; !left.has(undefined); change += AT_ONCE * stride) {
      const changes = Array.from({ length: AT_ONCE }, (_, i) => change + i * stride);
      for (const version of await Promise.all(changes.map((n) => leftBy(n, earlier)))) left.add(version);
    }
    expect(left).toEqual(new Set([earlier, "new", undefined]));
  });
});

describe("on a disk without links", () => {
  it("a kill leaves every output whole, and the next writer finishes or undoes the rest", async () => {
    for (let change = 22, killed = true; killed; change += 2) {
      await writeTogether(outputs("old"));
      killed = await killedBefore(change, "new", base, false);
      for (const version of await versions()) expect(["old", "new", ""], `change ${change}`).toContain(version);
      await writeFileAtomic(join(base, "out", "other.txt"), "next");
      const settled = await versions();
      expect(settled, `change ${change}`).toEqual(Array.from(settled, () => (settled[0] === "old" ? "old" : "new")));
    }
  }, 60_000);
});

describe("outputs that belong together", () => {
  it("stay as they were when the last of them cannot be written", async () => {
    await writeTogether(outputs("old"));
    const broken = [
      ...outputs("new").slice(0, 2),
      [join(base, "out", "page.txt"), () => Promise.reject(new Error("no"))],
    ];
    await expect(writeTogether(broken as FileContent[])).rejects.toMatchObject({ code: "OUTPUT_FAILED" });
    expect(await versions()).toEqual(["old", "old", "old"]);
    expect((await readdir(join(base, "out"))).sort()).toEqual(whole);
  });

  it.skipIf(process.platform !== "linux")(
    "leave nothing anywhere when one of them has no place to be made in",
    async () => {
      await writeTogether(outputs("old"));
      // Nobody can make a folder there.
      const nowhere: FileContent = ["/proc/items.txt", "new"];
      await expect(writeTogether([...outputs("new"), nowhere])).rejects.toMatchObject({ code: "OUTPUT_FAILED" });
      expect(await versions()).toEqual(["old", "old", "old"]);
      expect((await readdir(base, { recursive: true })).filter((path) => path.includes(".tailrec"))).toEqual([]);
    },
  );

  it("stay as they were when one of them cannot be put in its place", async () => {
    await writeTogether(outputs("old"));
    const target = join(base, "out", "page.txt");
    const blocks = async (path: string) => {
      await writeFile(path, "new");
      await mkdir(join(target, "full"), { recursive: true });
    };
    await expect(writeTogether([...outputs("new"), [target, blocks]])).rejects.toMatchObject({
      code: "OUTPUT_FAILED",
      message: expect.stringContaining(target),
    });
    expect(await versions()).toEqual(["old", "old", "old"]);
    expect((await readdir(join(base, "out"))).sort()).toEqual([...whole, "page.txt"]);
  });

  it("are refused where two have one path, directly, through a link, or one inside the other", async () => {
    await symlink("v.npy", join(base, "link.npy"));
    const at = (name: string) => join(base, name);
    const pairs: readonly (readonly [string, string])[] = [
      ["v.npy", "v.npy"],
      ["v.npy", "link.npy"],
      ["v.npy", "./sub/../v.npy"],
      ["bundle", "bundle/v.npy"],
    ];
    for (const [a, b] of pairs) {
      await expect(
        writeTogether([
          [at(a), "a"],
          [at(b), "b"],
        ]),
      ).rejects.toMatchObject({
        code: "INVALID_ARGUMENT",
        message: expect.stringContaining("two outputs, one path"),
      });
    }
    expect(await readdir(base)).toEqual(["link.npy"]);
  });
});

describe("what somebody named", () => {
  it("is never removed, whatever it looks like, by writers or readers", async () => {
    const names = [
      "bundle.old-2024-12-01",
      "bundle.old-7",
      "bundle.tmp-1-0",
      ".tailrec-notes",
      ".tailrec-0123abcd-mine",
    ];
    for (const name of names) await mkdir(join(base, "out", name), { recursive: true });
    await writeTogether(outputs("new"));
    await readablePath(join(base, "out", "bundle"));
    await readablePath(join(base, "out", "absent"));
    expect(await readdir(join(base, "out"))).toEqual(expect.arrayContaining(names));
  });

  it("and what a dead writer left stay as they are for a reader; the next writer removes the latter", async () => {
    const hidden = async () => (await readdir(join(base, "out"))).filter((name) => name.startsWith("."));
    await killedBefore(8, "new");
    const left = await hidden();
    expect(left).not.toEqual([]);
    await readablePath(join(base, "out", "bundle"));
    expect(await hidden()).toEqual(left);
    await writeFileAtomic(join(base, "out", "other.txt"), "mine");
    expect(await hidden()).toEqual([]);
  });
});

describe("writers at the same time", () => {
  it("leave the outputs of one of them, whole", async () => {
    const all = Array.from({ length: 8 }, (_, w) => `writer ${w}`);
    await Promise.all(all.map((version) => writeTogether(outputs(version))));
    const [items, users, bundle] = await versions();
    expect(all).toContain(items);
    expect([users, bundle]).toEqual([items, items]);
    expect((await readdir(join(base, "out"))).sort()).toEqual(whole);
  });
});
