/** The pool of worker threads, with small workers of its own. */

import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createWorkerPool } from "../../../src/math/compute/reference/worker-pool.ts";
import { sharedInt32 } from "../../../src/math/compute/shared-memory.ts";

/** Adds 1 to a shared counter when it begins and when it ends; fails, dies or waits as it is told. */
const WORKER = `
import { parentPort } from "node:worker_threads";
parentPort.on("message", ({ counter, order, wait }) => {
  Atomics.add(counter, 0, 1);
  if (wait) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, wait);
  if (order === "die") throw new Error("out of memory");
  Atomics.add(counter, 1, 1);
  const failure = { code: "INVALID_ARGUMENT", message: "row 3 is wrong" };
  parentPort.postMessage(order === "fail" ? { failure } : {});
});
`;

let folder: string;
let entry: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tailrec-pool-"));
  entry = join(folder, "worker.mjs");
  await writeFile(entry, WORKER);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe("a worker pool", () => {
  it("sends a message to every worker, and again the next time", async () => {
    const pool = createWorkerPool(entry, 3);
    const counter = sharedInt32(2);
    await pool.run({ counter });
    expect([...counter]).toEqual([3, 3]);
    await pool.run({ counter });
    expect([...counter]).toEqual([6, 6]);
    expect(pool.size).toBe(3);
  });

  it("runs one message after the other, in the order of the calls", async () => {
    const pool = createWorkerPool(entry, 2);
    const [first, second] = [sharedInt32(2), sharedInt32(2)];
    const slow = pool.run({ counter: first, wait: 150 });
    const quick = pool.run({ counter: second });
    await slow;
    expect([...first]).toEqual([2, 2]);
    await quick;
    expect([...second]).toEqual([2, 2]);
    const begun = sharedInt32(2);
    const waiting = pool.run({ counter: first, wait: 150 });
    const queued = pool.run({ counter: begun });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect([...begun]).toEqual([0, 0]);
    await Promise.all([waiting, queued]);
  });

  it("throws what a worker answers, with its code, and works on", async () => {
    const pool = createWorkerPool(entry, 2);
    const counter = sharedInt32(2);
    const failed = pool.run({ counter, order: "fail" });
    const next = pool.run({ counter });
    await expect(failed).rejects.toMatchObject({ code: "INVALID_ARGUMENT", message: "row 3 is wrong" });
    await next;
    expect([...counter]).toEqual([4, 4]);
  });

  it("reports a worker that dies as INTERNAL with the cause, and goes on with new workers", async () => {
    const pool = createWorkerPool(entry, 2);
    const counter = sharedInt32(2);
    const died = pool.run({ counter, order: "die" });
    const next = pool.run({ counter });
    await expect(died).rejects.toMatchObject({ code: "INTERNAL", cause: { message: "out of memory" } });
    await next;
    expect([...counter]).toEqual([4, 2]);
  }, 10_000);

  it("lets the process end by itself, though nobody closes it", async () => {
    const module = pathToFileURL(join(import.meta.dirname, "../../../src/math/compute/reference/worker-pool.ts")).href;
    const script = `
      import { createWorkerPool } from ${JSON.stringify(module)};
      const counter = new Int32Array(new SharedArrayBuffer(8));
      await createWorkerPool(${JSON.stringify(entry)}, 2).run({ counter });
      console.log(counter.join(" "));`;
    const call = ["--import", "tsx", "--input-type=module", "-e", script];
    const { stdout } = await promisify(execFile)(process.execPath, call, { timeout: 20_000 });
    expect(stdout).toBe("2 2\n");
  });
});
