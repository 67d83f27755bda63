/**
 * What the cache and the memory of `encodeCatalog` cost, in a process of its own: `rerun` encodes a catalog of which everything is
 * known, then one of which one text is new; `soak` encodes a hundred thousand short texts by a tiny encoder and watches the
 * resident memory and the main thread.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Catalog } from "../src/data/catalog.ts";
import { inputKey, openEmbeddingCache } from "../src/features/embedding-cache.ts";
import { encodeCatalog, itemText } from "../src/features/encode-catalog.ts";
import { longestFirst } from "../src/features/encoding-order.ts";
import { loadManifest } from "../src/features/manifest.ts";
import { textCatalog } from "./feature-inputs.ts";

export interface CacheRequest {
  readonly job: "rerun" | "soak";
  readonly encoder: string;
  readonly items: number;
}

export interface CacheFigure {
  readonly metric: string;
  readonly value: number;
  readonly unit: string;
}

const MEBIBYTE = 2 ** 20;
/** Records of one addition, as many as a batch of texts has. */
const BATCH = 64;

const { job, encoder, items } = JSON.parse(process.argv[2]) as CacheRequest;
const cacheFolder = mkdtempSync(join(tmpdir(), "tailrec-bench-cache-"));
try {
  console.log(JSON.stringify(job === "rerun" ? await rerun() : await soak()));
} finally {
  rmSync(cacheFolder, { recursive: true, force: true });
}

async function rerun(): Promise<CacheFigure[]> {
  const catalog = textCatalog(items);
  await fill(catalog);
  const unchanged = await timed(() => encode(catalog));
  const titles = catalog.titles.map((title, row) => (row === 17 ? `${title} again` : title));
  const changed = await timed(() => encode({ ...catalog, titles }));
  return [
    { metric: "unchanged", value: unchanged.seconds, unit: "s" },
    { metric: "unchanged, processor", value: unchanged.cpuSeconds, unit: "s" },
    { metric: "computed again", value: items - unchanged.reused, unit: "" },
    { metric: "one text changed", value: changed.seconds, unit: "s" },
    { metric: "then computed", value: items - changed.reused, unit: "" },
  ];
}

async function encode(catalog: Catalog): Promise<number> {
  const { text } = await encodeCatalog(
    catalog,
    { text: { encoder }, lexical: null, attributes: null },
    { cacheFolder },
  );
  return text?.reused ?? 0;
}

/** Any vectors do: what is measured is finding them. They are written in the order in which a run writes them. */
async function fill(catalog: Catalog): Promise<void> {
  const { manifest } = await loadManifest(encoder, ".");
  const cache = await openEmbeddingCache(cacheFolder, manifest);
  const vector = new Float32Array(manifest.dimension).fill(0.5);
  const order = await longestFirst(items, (row) => itemText(catalog, row).length);
  for (let begin = 0; begin < items; begin += BATCH) {
    const rows = Array.from(order.subarray(begin, begin + BATCH));
    await cache.add(rows.map((row) => ({ key: inputKey(itemText(catalog, row)), vector })));
  }
  await cache.close();
}

async function timed(work: () => Promise<number>) {
  const [wall, cpu] = [performance.now(), process.cpuUsage()];
  const reused = await work();
  const { user, system } = process.cpuUsage(cpu);
  return { seconds: (performance.now() - wall) / 1000, cpuSeconds: (user + system) / 1e6, reused };
}

async function soak(): Promise<CacheFigure[]> {
  const catalog = textCatalog(items, 1, 8);
  const resident: number[] = [];
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  let tenths = 0;
  const onProgress = ({ done }: { readonly done: number }): void => {
    if (done < ((tenths + 1) * items) / 10) return;
    tenths = Math.floor((10 * done) / items);
    resident.push(residentBytes() / MEBIBYTE);
  };
  await encodeCatalog(catalog, { text: { encoder }, lexical: null, attributes: null }, { cacheFolder, onProgress });
  delay.disable();
  // The first tenths fill the heap to its working size.
  const [early, late] = [resident[2], resident[resident.length - 1]];
  return [
    { metric: "resident at 30 %", value: early, unit: "MiB" },
    { metric: "resident at 100 %", value: late, unit: "MiB" },
    { metric: "growth an item", value: ((late - early) * MEBIBYTE) / (0.7 * items), unit: "B" },
    { metric: "longest wait for the main thread, 99.9 %", value: delay.percentile(99.9) / 1e6, unit: "ms" },
    { metric: "the longest of all", value: delay.max / 1e6, unit: "ms" },
  ];
}

/** What the system counts, on Linux: `process.memoryUsage` gives the same. */
function residentBytes(): number {
  const [, pages] = readFileSync("/proc/self/statm", "utf8").split(" ");
  return Number(pages) * 4096;
}
