/**
 * A program whose heap only grows, first by a tenth at most between two collections: their number is a logarithm of its size, whatever the
 * speed of the machine. V8 counts them itself.
 */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { root } from "./tailrec.ts";

const program = (before: string) => `
  import { constants, PerformanceObserver } from "node:perf_hooks";
  import { setFlagsFromString } from "node:v8";
  import { collectSeldom } from ${JSON.stringify(pathToFileURL(join(root, "src", "cli", "heap-growth.ts")).href)};
  setFlagsFromString("--heap-growing-percent=10");
  ${before}
  let collections = 0;
  const isMajor = ({ detail }) => detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR;
  new PerformanceObserver((list) => { collections += list.getEntries().filter(isMajor).length; }).observe({ entryTypes: ["gc"] });
  const alive = [];
  for (let i = 0; i < 2_000_000; i++) {
    alive.push({ text: "item " + i });
    if (i % 10_000 === 0) await new Promise((done) => setImmediate(done));
  }
  await new Promise((done) => setTimeout(done, 100));
  console.log(collections + " for " + alive.length);
`;

async function collections(before: string): Promise<number> {
  const options = ["--import", import.meta.resolve("tsx"), "--input-type=module", "--eval", program(before)];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, options);
  expect(stderr).toBe("");
  return Number.parseInt(stdout, 10);
}

it("collects less often", async () => {
  const [often, seldom] = [await collections(""), await collections("collectSeldom();")];
  expect(seldom).toBeGreaterThan(0);
  expect(seldom).toBeLessThan(often);
});
