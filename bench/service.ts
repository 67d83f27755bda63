/**
 * `npm run bench:service [-- ITEMS]`: latency of the service, its start and its memory, and beside it a plain fastify service with a
 * loop in JavaScript. The load generator shares the machine. Each case has two loads: requests that arrive by chance at a steady rate,
 * and autocannon's, which sends those of a second as fast as ten connections can. A warm-up of the same load comes before each.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { cpus, loadavg, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import autocannon from "autocannon";
import { parsePipeline } from "../src/config.ts";
import { runPipeline } from "../src/experiment/pipeline.ts";
import { createClient } from "../src/index.ts";
import type { Figure } from "./figures.ts";
import { saveRepeated } from "./service-bundle.ts";
import { steadyLoad } from "./steady-load.ts";

const items = Number(process.argv[2] ?? 100_000);
const seconds = 10;
const warmUpSeconds = 5;
/** Fewer items than have a table would be waited for without end. */
const STALLED_MS = 20_000;
const root = resolve(import.meta.dirname, "..");

const figures: Figure[] = [];
let ids: readonly string[] = [];
const folder = await mkdtemp(join(tmpdir(), "tailrec-bench-"));
try {
  await measureAll();
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function measureAll(): Promise<void> {
  const bundle = join(folder, "large");
  await makeBundle(bundle);
  const begin = performance.now();
  const service = await serve(bundle, "log");
  add("tailrec", "start", "seconds", (performance.now() - begin) / 1000, "s");
  const { dimensions, users } = await createClient({ url: service.url }).model({});
  add("tailrec", "bundle", "size", (await sizeOf(bundle)) / 1e6, "MB");
  add("tailrec", "neighbours", "filled after", await filled(service.url), "s");
  const similar: Ask = (n) => ({ method: "GET", path: `/v1/items/${idAt(n)}/similar` });
  await measure("tailrec", "similar", 500, service.url, similar);
  await measure("tailrec", "recommend-user", 200, service.url, (n) => ({
    method: "GET",
    path: `/v1/users/U${String(1 + (n % users)).padStart(4, "0")}/recommendations`,
  }));
  await measure("tailrec", "recommend-session", 200, service.url, (n) =>
    post("/v1/recommend", { items: [idAt(n), idAt(7 * n + 3)] }),
  );
  await measure("tailrec", "embed-text", 50, service.url, (n) =>
    post("/v1/embed", { title: `Stoneware bowl number ${n}`, description: "A bowl with an ash glaze." }),
  );
  await measure("tailrec", "events", 200, service.url, (n) =>
    post("/v1/events", { events: [{ user: `s${n}`, item: idAt(n), event: "view" }] }),
  );
  const metrics = await (await fetch(`${service.url}/metrics`)).text();
  const held = Number(/^nodejs_eventloop_lag_p99_seconds (\S+)/m.exec(metrics)?.[1]);
  add("tailrec", "event-loop", "held p99", 1000 * held, "ms");
  add("tailrec", "memory", "resident", (await residentOf(service.child)) / 1e6, "MB");
  await ended(service.child);
  const searching = await serve(bundle, "log-searching", "--neighbours", "0");
  await measure("tailrec without neighbours", "similar", 500, searching.url, similar);
  add("tailrec without neighbours", "memory", "resident", (await residentOf(searching.child)) / 1e6, "MB");
  await ended(searching.child);
  const floor = await started([
    "--import",
    "tsx",
    join(root, "bench", "service-floor.ts"),
    String(items),
    String(dimensions),
  ]);
  // More would wait without end.
  await measure("fastify-loop", "similar", 20, floor.url, (n) => ({
    method: "GET",
    path: `/similar/${(n * 7919) % items}`,
  }));
  floor.child.kill("SIGKILL");
  await report(dimensions);
}

function serve(bundle: string, log: string, ...more: readonly string[]) {
  const main = join(root, "dist", "cli", "main.js");
  const options = ["--port", "0", "--log", join(folder, log), "--quiet", "--address-requests-per-minute", "10000000"];
  return started([main, "serve", "--bundle", bundle, ...options, ...more]);
}

async function ended(child: ChildProcess): Promise<void> {
  const exit = once(child, "exit");
  child.kill("SIGTERM");
  await exit;
}

/** Seconds until all items have their neighbours kept. */
async function filled(url: string): Promise<number> {
  const begin = performance.now();
  let grown = begin;
  for (let kept = 0; kept < items && performance.now() - grown < STALLED_MS; ) {
    const metrics = await (await fetch(`${url}/metrics`)).text();
    const now = Number(/^tailrec_neighbours_kept (\S+)/m.exec(metrics)?.[1]);
    if (now > kept) grown = performance.now();
    kept = now;
    await delay(1000);
  }
  return (performance.now() - begin) / 1000;
}

function idAt(n: number): string {
  return ids[(n * 7919) % ids.length];
}

function post(path: string, body: object) {
  return { method: "POST" as const, path, body: JSON.stringify(body), headers: { "content-type": "application/json" } };
}

/** 128 numbers a vector: 64 factors and 64 of the content channel. */
async function makeBundle(to: string): Promise<void> {
  const shop = (await readFile(join(root, "pipelines", "shop.yaml"), "utf8"))
    .replace("output: out/shop", `output: ${join(folder, "shop")}`)
    .replace(/image: \{ encoder[^\n]*/, "image: null")
    .replace("lexical: { dimension: 256 }", "lexical: { dimension: 64 }")
    .replace("dimension: 128", "dimension: 64");
  await runPipeline(parsePipeline(shop, "shop.yaml"), { folder: join(root, "pipelines"), evaluate: false });
  await saveRepeated(join(folder, "shop", "bundle"), to, items);
  const catalog = await readFile(join(to, "catalog.jsonl"), "utf8");
  ids = catalog
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line).id as string);
}

async function started(args: readonly string[]): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"], cwd: root });
  if (child.stdout === null) throw new Error("expected its output");
  for await (const line of createInterface({ input: child.stdout })) return { child, url: JSON.parse(line).listening };
  throw new Error("the service ended before it listened");
}

type Ask = (n: number) => autocannon.Request;

async function measure(engine: string, name: string, rate: number, url: string, ask: Ask): Promise<void> {
  let n = 0;
  const setupRequest = (request: autocannon.Request): autocannon.Request => ({ ...request, ...ask(n++) });
  const next = () => ask(n++);
  await steadyLoad({ url, rate, seconds: warmUpSeconds, ask: next });
  const steady = await steadyLoad({ url, rate, seconds, ask: next });
  add(engine, name, "p50", steady.p50, "ms");
  add(engine, name, "p99", steady.p99, "ms");
  add(engine, name, "rate", steady.rate, "requests/s");
  const options = { url, connections: 10, overallRate: rate, requests: [{ setupRequest }] };
  const { latency, non2xx, errors } = await autocannon({ ...options, duration: seconds });
  add(engine, `${name}, autocannon`, "p50", latency.p50, "ms");
  add(engine, `${name}, autocannon`, "p99", latency.p99, "ms");
  add(engine, name, "failed", steady.failed + non2xx + errors, "requests");
}

function add(engine: string, name: string, metric: string, value: number, unit: string): void {
  figures.push({ case: `${items}/${name}`, engine, metric, value: Number(value.toPrecision(4)), unit });
  console.log(`${engine} ${name} ${metric} ${value.toFixed(2)} ${unit}`);
}

async function sizeOf(path: string): Promise<number> {
  const sizes = (await readdir(path)).map(async (name) => (await stat(join(path, name))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

async function residentOf({ pid }: ChildProcess): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return 1024 * Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]);
}

async function report(dimensions: number): Promise<void> {
  const path = join(import.meta.dirname, "results", "service");
  await writeFile(`${path}.json`, `${JSON.stringify(figures, null, 1)}\n`);
  const rows = figures.map(
    (figure) => `| ${figure.case} | ${figure.engine} | ${figure.metric} | ${figure.value} ${figure.unit} |`,
  );
  const machine = `${cpus().length} cores (${cpus()[0].model}), Node ${process.version}, load average at the end ${loadavg()[0].toFixed(1)}`;
  const head = [
    "# The service",
    "",
    `\`npm run bench:service\`: ${items} items x ${dimensions}; ${machine}.`,
    "",
    `Requests arrive by chance at a steady rate, and are timed from when they were due. A warm-up of ${warmUpSeconds} s is not counted.`,
    "autocannon sends the requests of a second at its beginning, over ten connections. Items are asked for evenly at random, once the",
    "table of neighbours is full; the engine without neighbours searches each time. The load generator shares the machine.",
    "",
    "| case | engine | figure | value |",
    "|---|---|---|---|",
  ];
  await writeFile(`${path}.md`, `${[...head, ...rows].join("\n")}\n`);
}
