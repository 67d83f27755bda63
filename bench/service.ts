/**
 * `npm run bench:service [-- ITEMS]`: latency of the service under a steady load, its start and its memory, and beside it a plain
 * fastify service with a loop in JavaScript. The load generator shares the machine.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { cpus, loadavg, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import autocannon from "autocannon";
import { parsePipeline } from "../src/config.ts";
import { runPipeline } from "../src/experiment/pipeline.ts";
import { createClient } from "../src/index.ts";
import type { Figure } from "./figures.ts";
import { saveRepeated } from "./service-bundle.ts";

const items = Number(process.argv[2] ?? 100_000);
const seconds = 10;
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
  const main = join(root, "dist", "cli", "main.js");
  const service = await started([
    main,
    "serve",
    "--bundle",
    bundle,
    "--port",
    "0",
    "--log",
    join(folder, "log"),
    "--quiet",
    "--requests-per-minute",
    "10000000",
  ]);
  add("tailrec", "start", "seconds", (performance.now() - begin) / 1000, "s");
  const { dimensions, users } = await createClient({ url: service.url }).model({});
  add("tailrec", "bundle", "size", (await sizeOf(bundle)) / 1e6, "MB");
  await measure("tailrec", "similar", 500, service.url, (n) => ({
    method: "GET",
    path: `/v1/items/${idAt(n)}/similar`,
  }));
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
  service.child.kill("SIGTERM");
  const floor = await started([
    "--import",
    "tsx",
    join(root, "bench", "service-floor.ts"),
    String(items),
    String(dimensions),
  ]);
  await measure("fastify-loop", "similar", 500, floor.url, (n) => ({
    method: "GET",
    path: `/similar/${(n * 7919) % items}`,
  }));
  floor.child.kill("SIGKILL");
  await report(dimensions);
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
  const options = { url, connections: 10, overallRate: rate, requests: [{ setupRequest }] };
  await autocannon({ ...options, duration: 2 });
  const { latency, non2xx, errors, requests } = await autocannon({ ...options, duration: seconds });
  add(engine, name, "p50", latency.p50, "ms");
  add(engine, name, "p99", latency.p99, "ms");
  add(engine, name, "rate", requests.average, "requests/s");
  add(engine, name, "failed", non2xx + errors, "requests");
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
    "| case | engine | figure | value |",
    "|---|---|---|---|",
  ];
  await writeFile(`${path}.md`, `${[...head, ...rows].join("\n")}\n`);
}
