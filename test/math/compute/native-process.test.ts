/** The compiled kernel never takes its process down: random calls, workers that are terminated, a process that exits in a job. */
import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { loadNativeAddon } from "../../../src/math/compute/native/native-addon.ts";

const root = join(import.meta.dirname, "..", "..", "..");
const scripts = join(root, "native", "test");
const run = promisify(execFile);

describe.skipIf(loadNativeAddon().addon === undefined)("a process with the compiled kernel", () => {
  const find: { readonly resolve: (root: string) => string } = createRequire(import.meta.url)("node-gyp-build");

  it("outlives a thousand random calls while their memory is taken away, and refuses what is not sound", async () => {
    const call = ["--expose-gc", join(scripts, "fuzz.mjs"), find.resolve(root), "1000", "7"];
    const { stdout } = await run(process.execPath, call);
    expect(stdout).toMatch(/^1000 random calls: \d{3} answered, \d{3} refused, \d{2,3} compared\n$/);
  }, 60_000);

  it("outlives workers that are terminated in the middle of their jobs, and is not held up by those", async () => {
    const { stdout } = await run(process.execPath, [join(scripts, "teardown.mjs"), find.resolve(root), "8"]);
    expect(stdout).toMatch(/^8 workers terminated in the middle of their jobs, each within \d{1,4} ms\n$/);
  }, 60_000);

  it.each([
    ["exits by itself", "process.exit(7)", 7],
    ["meets an error that nobody catches", "throw new Error('mine')", 1],
  ])(
    "ends at once with its own status where it %s in the middle of a job of ten seconds",
    async (_case, end, status) => {
      const script = `
      const { Engine, instructionSets } = require(${JSON.stringify(find.resolve(root))});
      const n = 2500;
      const a = Float64Array.from({ length: n * n }, (_, p) => Math.sin(p));
      new Engine(2, instructionSets[0]).eigen({ n, a, values: new Float64Array(n), vectors: new Float64Array(n * n) });
      setTimeout(() => { console.log(Date.now()); ${end} }, 50);`;
      const ended = await run(process.execPath, ["-e", script]).catch((error) => error);
      expect(Date.now() - Number(ended.stdout)).toBeLessThan(4000);
      expect(ended.code).toBe(status);
      expect(ended.signal).toBe(null);
    },
    60_000,
  );
});
