/** What `npm install` leaves behind in a copy of the package, where there is no compiler: install.mjs itself runs. */
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { loadNativeAddon } from "../src/math/compute/native/native-addon.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "..");
const folder = `${process.platform}-${process.arch}`;
const compilers = /^(c\+\+|cc|gcc|g\+\+|clang|clang\+\+)([-.\d].*)?$/;

let home: string;
let copy: string;
let tools: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "tailrec-install-"));
  tools = join(home, "tools");
  await mkdir(tools);
  for (const path of (process.env.PATH ?? "").split(delimiter)) await linkTools(path);
});

beforeEach(async () => {
  copy = await mkdtemp(join(home, "package-"));
  for (const part of ["native", "binding.gyp", "package.json"])
    await cp(join(root, part), join(copy, part), { recursive: true });
  await symlink(join(root, "node_modules"), join(copy, "node_modules"));
});

afterAll(() => rm(home, { recursive: true, force: true }));

describe("installing without a compiler", () => {
  it("succeeds, and one line says that the TypeScript kernel will run", async () => {
    const { stdout } = await install();
    expect(stdout.trim().split("\n")).toEqual([
      expect.stringMatching(
        /^tailrec: the compiled kernel was not built \(.+\); the slower TypeScript kernel will run instead$/,
      ),
    ]);
    await expect(load()).rejects.toThrow("No native build was found");
  });

  it("takes a prebuilt binary where one is there, without a word", async (context) => {
    const { addon } = loadNativeAddon();
    if (addon === undefined) return context.skip("the compiled kernel is not built here");
    await mkdir(join(copy, "prebuilds", folder), { recursive: true });
    await cp(await builtBackend(), join(copy, "prebuilds", folder, "tailrec.node"));
    expect((await install()).stdout).toBe("");
    expect((await load()).stdout.trim()).toBe(addon.instructionSets.join());
  });

  it("does not trust a prebuilt binary that fails to load", async () => {
    await mkdir(join(copy, "prebuilds", folder), { recursive: true });
    await writeFile(join(copy, "prebuilds", folder, "tailrec.node"), "no machine code");
    expect((await install()).stdout).toContain("the slower TypeScript kernel will run instead");
  });
});

/** Everything on the path but compilers: python and make are there, so that node-gyp gets as far as it can. */
async function linkTools(path: string): Promise<void> {
  for (const name of await readdir(path).catch(() => [])) {
    if (!compilers.test(name)) await symlink(join(path, name), join(tools, name)).catch(() => undefined);
  }
}

function install() {
  const { CC: _cc, CXX: _cxx, ...rest } = process.env;
  return run(process.execPath, ["native/install.mjs"], { cwd: copy, env: { ...rest, PATH: tools } });
}

/** The instruction sets of the addon that the copy of the package would load. */
function load() {
  const script = 'console.log(require("node-gyp-build")(process.cwd()).instructionSets.join())';
  return run(process.execPath, ["--eval", script], { cwd: copy });
}

async function builtBackend(): Promise<string> {
  const script = 'console.log(require("node-gyp-build").resolve(process.cwd()))';
  return (await run(process.execPath, ["--eval", script], { cwd: root })).stdout.trim();
}
