/**
 * `npm run bench:soak [-- --bundle out/shop/bundle --minutes 60 --rate 20]`: a mixed load on the service for an hour. Every minute it
 * notes resident memory, heap and handles, and fails where what the service holds goes on growing or a request fails.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { loadBundle } from "../src/bundle/bundle.ts";
import { createClient } from "../src/index.ts";
import { createRandom } from "../src/math/random.ts";
import { type Reading, soakPage } from "./soak-report.ts";
import { createVisitor } from "./soak-visitor.ts";

const { values } = parseArgs({
  options: {
    bundle: { type: "string", default: "out/shop/bundle" },
    minutes: { type: "string", default: "60" },
    rate: { type: "string", default: "20" },
    out: { type: "string", default: join(import.meta.dirname, "results", "soak.md") },
  },
});
const minutes = Number(values.minutes);
const rate = Number(values.rate);
const root = resolve(import.meta.dirname, "..");

const folder = await mkdtemp(join(tmpdir(), "tailrec-soak-"));
try {
  await soak();
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function soak(): Promise<void> {
  const { catalog, userIds } = await loadBundle(values.bundle);
  const log = join(folder, "log");
  const { child, url } = await started(log);
  const failures = new Map<string, number>();
  const readings: Reading[] = [];
  let requests = 0;
  const visit = createVisitor(createClient({ url }), { items: catalog.ids, users: userIds }, createRandom(17));
  const begin = performance.now();
  const until = begin + 60_000 * minutes;
  const running = new Set<Promise<void>>();
  for (let n = 0; performance.now() < until; n++) {
    await delay(Math.max(0, begin + (1000 * n) / rate - performance.now()));
    const work = visit(n)
      .catch((error: Error) => {
        failures.set(error.message, (failures.get(error.message) ?? 0) + 1);
      })
      .finally(() => {
        requests++;
        running.delete(work);
      });
    running.add(work);
    const minute = Math.floor((performance.now() - begin) / 60_000);
    if (minute <= (readings.at(-1)?.minute ?? 0)) continue;
    readings.push(await reading(child, url, { minute, log, requests }));
    console.log(JSON.stringify(readings.at(-1)));
  }
  await Promise.all(running);
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const [status] = await ended;
  const { page, grows } = soakPage(readings, { rate, failures, status: Number(status), bundle: values.bundle });
  await writeFile(values.out, page);
  console.log(page);
  if (grows || failures.size > 0 || status !== 0) process.exitCode = 1;
}

/** Events are kept for a tenth of the time, so that the log is rewritten again and again. */
async function started(log: string): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const keptDays = minutes / 10 / 1440;
  const main = join(root, "dist", "cli", "main.js");
  const args = ["serve", "--bundle", values.bundle, "--port", "0", "--log", log, "--kept-days", String(keptDays)];
  const child = spawn(process.execPath, [main, ...args, "--cache", join(folder, "cache"), "--quiet"], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, MALLOC_ARENA_MAX: "1" },
  });
  if (child.stdout === null) throw new Error("expected its output");
  const lines = createInterface({ input: child.stdout });
  const [first] = (await once(lines, "line")) as [string];
  lines.on("line", (line) => console.error(line));
  return { child, url: JSON.parse(first).listening };
}

interface Moment {
  readonly minute: number;
  readonly log: string;
  readonly requests: number;
}

async function reading({ pid }: ChildProcess, url: string, { minute, log, requests }: Moment): Promise<Reading> {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  const figure = (name: string) => Number(new RegExp(`^${name} (\\S+)`, "m").exec(metrics)?.[1]);
  const sizes = (await readdir(log)).map(async (name) => (await stat(join(log, name))).size);
  const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return {
    minute,
    requests,
    residentMB: round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1000),
    heapMB: round(figure("nodejs_heap_size_used_bytes") / 1e6),
    handles: figure("nodejs_active_handles_total") - figure('nodejs_active_handles\\{type="Socket"\\}'),
    files: (await readdir(`/proc/${pid}/fd`)).length,
    logMB: round(bytes / 1e6),
  };
}

function round(value: number): number {
  return Math.round(10 * value) / 10;
}
