/**
 * What the cache and the memory of `encodeCatalog` cost, in a process of its own: `rerun` encodes texts and pictures of which everything
 * is known, then a catalog of which one text is new; `soak` encodes a hundred thousand short texts by a tiny encoder and watches the
 * resident memory and the main thread.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import type { Catalog } from "../src/data/catalog.ts";
import { inputKey, openEmbeddingCache } from "../src/encoders/cache/embedding-cache.ts";
import { loadManifest } from "../src/encoders/models/manifest.ts";
import { longestFirst, presentRows } from "../src/encoders/run/encoding-order.ts";
import { encodeCatalog } from "../src/features/encode-catalog.ts";
import { itemText } from "../src/features/item-text.ts";
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
const PICTURE_ENCODER = "tailrec-image-small";
const PICTURE_BYTES = 14_000;

const { job, encoder, items } = JSON.parse(process.argv[2]) as CacheRequest;
const cacheFolder = mkdtempSync(join(tmpdir(), "tailrec-bench-cache-"));
try {
  console.log(JSON.stringify(job === "rerun" ? await rerun() : await soak()));
} finally {
  rmSync(cacheFolder, { recursive: true, force: true });
}

async function rerun(): Promise<CacheFigure[]> {
  const catalog = { ...textCatalog(items), images: writePictures() };
  await fill(catalog);
  // Learns which files hold which pictures; they count as settled two seconds after they were written.
  await sleep(2_000);
  await encode(catalog);
  const unchanged = await timed(() => encode(catalog));
  const titles = catalog.titles.map((title, row) => (row === 17 ? `${title} again` : title));
  const changed = await timed(() => encode({ ...catalog, titles }));
  return [
    { metric: "unchanged", value: unchanged.seconds, unit: "s" },
    { metric: "unchanged, processor", value: unchanged.cpuSeconds, unit: "s" },
    { metric: "computed again", value: 2 * items - unchanged.reused, unit: "" },
    { metric: "one text changed", value: changed.seconds, unit: "s" },
    { metric: "then computed", value: 2 * items - changed.reused, unit: "" },
  ];
}

async function encode(catalog: Catalog): Promise<number> {
  const features = { text: { encoder }, image: { encoder: PICTURE_ENCODER }, lexical: null, attributes: null };
  const { text, image } = await encodeCatalog(catalog, features, { cacheFolder });
  return (text?.reused ?? 0) + (image?.reused ?? 0);
}

/** Distinct files of a poster's size; their vectors are in the cache, so that nobody decodes them. */
function writePictures(): string[] {
  const bytes = Buffer.alloc(PICTURE_BYTES, 7);
  return Array.from({ length: items }, (_, i) => {
    const path = join(cacheFolder, `${i}.jpg`);
    bytes.writeUInt32LE(i);
    writeFileSync(path, bytes);
    return path;
  });
}

/** Any vectors do: what is measured is finding them. They are written in the order in which a run writes them. */
async function fill(catalog: Catalog): Promise<void> {
  const order = await longestFirst(items, (row) => itemText(catalog, row).length);
  await fillStore(encoder, order, (row) => itemText(catalog, row));
  await fillStore(PICTURE_ENCODER, presentRows(catalog.images), (row) => readFileSync(catalog.images[row] ?? ""));
}

async function fillStore(name: string, order: Uint32Array, inputOf: (row: number) => string | Uint8Array) {
  const { manifest } = await loadManifest(name, ".");
  const cache = await openEmbeddingCache(cacheFolder, manifest);
  const vector = new Float32Array(manifest.dimension).fill(0.5);
  for (let begin = 0; begin < items; begin += BATCH) {
    const rows = Array.from(order.subarray(begin, begin + BATCH));
    await cache.add(rows.map((row) => ({ key: inputKey(inputOf(row)), vector })));
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
