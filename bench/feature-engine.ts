/**
 * One engine of the feature benchmark in a process of its own; its request comes as an argument, its figures go to stdout. Models
 * are loaded, and the first batches are through, before the clock starts; what they held is not counted. Work is counted in
 * tokens and pictures: an engine that begins with the longest texts gains nothing by it.
 *
 * - `tailrec`: `encodeCatalog`, from files and strings to vectors.
 * - `bare-onnxruntime`: ready-made tensors of the same shapes through as many sessions as tailrec has lanes, nothing else.
 * - `bare-onnxruntime-1-session`: the same through one session that has all the cores.
 * - `one-at-a-time`: read, prepare, run, pool, item by item, one session that has all the cores.
 */
import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { Tensor } from "onnxruntime-node";
import type { Catalog } from "../src/data/catalog.ts";
import { type LocatedManifest, loadManifest } from "../src/encoders/models/manifest.ts";
import { modelFilePaths } from "../src/encoders/models/model-files.ts";
import { planLanes } from "../src/encoders/run/encoding-lanes.ts";
import { longestFirst } from "../src/encoders/run/encoding-order.ts";
import { openEncoder } from "../src/encoders/run/opened-encoder.ts";
import { textInputs } from "../src/encoders/text/text-inputs.ts";
import { padRun, tokenRuns } from "../src/encoders/text/token-runs.ts";
import { openTokenizer } from "../src/encoders/text/tokenizer.ts";
import { encodeCatalog } from "../src/features/encode-catalog.ts";
import { itemText } from "../src/features/item-text.ts";
import { pictureCatalog, textCatalog } from "./feature-inputs.ts";

export interface EngineRequest {
  readonly engine: string;
  /** Path of the encoder's manifest. */
  readonly encoder: string;
  readonly items: number;
  /** Those of the pictures. */
  readonly folder: string;
}

export interface EngineRun {
  /** Tokens, or pictures. */
  readonly work: number;
  readonly seconds: number;
  /** Seconds of processor time, all threads. */
  readonly cpuSeconds: number;
}

const PICTURES_PER_RUN = 8;

/** A worker of the bare loop: plain JavaScript, so that it needs no compiler. */
const BARE_LOOP = `
  const { parentPort, workerData } = require("node:worker_threads");
  const { InferenceSession, Tensor } = require("onnxruntime-node");
  const { model, threads, plain, counter } = workerData;
  const next = new Int32Array(counter);
  const tensors = plain.map((run) => Object.fromEntries(run.map(({ name, type, data, dims }) => [name, new Tensor(type, data, dims)])));
  InferenceSession.create(model, { intraOpNumThreads: threads, interOpNumThreads: 1, executionMode: "sequential" }).then(async (session) => {
    await session.run(tensors[0]);
    parentPort.once("message", async () => {
      for (let i = Atomics.add(next, 0, 1); i < tensors.length; i = Atomics.add(next, 0, 1)) await session.run(tensors[i]);
      parentPort.postMessage("done");
    });
    parentPort.postMessage("ready");
  });
`;

type Feeds = Readonly<Record<string, Tensor>>;

/** A run of the graph: its feeds, and what work it holds. */
interface Ready {
  readonly feeds: Feeds;
  readonly work: number;
}

const request = JSON.parse(process.argv[2]) as EngineRequest;
const located = await loadManifest(request.encoder, ".");
const { task } = located.manifest;
const catalog = task === "text" ? textCatalog(request.items) : await pictureCatalog(request.folder, request.items);
/** Tokens of each text, 1 for each picture. */
const works = await worksOf(located);
console.log(JSON.stringify(await measure(request.engine)));

function measure(engine: string): Promise<EngineRun> {
  const { lanes, threads } = planLanes(availableParallelism());
  if (engine === "tailrec") return runTailrec(catalog);
  if (engine === "one-at-a-time") return runOneAtATime(catalog, located);
  return engine.endsWith("1-session") ? runBare(located, 1, availableParallelism()) : runBare(located, lanes, threads);
}

/** From the end of every lane's first batch to the end of all. */
async function runTailrec(items: Catalog): Promise<EngineRun> {
  const options = { lexical: null, attributes: null, [task]: { encoder: request.encoder } };
  const order =
    task === "text" ? await longestFirst(request.items, (row) => itemText(items, row).length) : items.ids.keys();
  const workInOrder = Array.from(order, (row) => works[row]);
  let start: Clock | undefined;
  let [batches, before] = [0, 0];
  await encodeCatalog(items, options, {
    onProgress: ({ done }) => {
      if (++batches !== planLanes(availableParallelism()).lanes) return;
      before = done;
      start = startClock();
    },
  });
  return elapsed(start ?? startClock(), sum(workInOrder.slice(before)));
}

async function runOneAtATime(items: Catalog, { manifest }: LocatedManifest): Promise<EngineRun> {
  const encoder = await openEncoder({ manifest, files: modelFilePaths(located), threads: availableParallelism() });
  const inputOf = async (row: number) =>
    manifest.task === "text" ? items.titles[row] : new Uint8Array(await readFile(items.images[row] ?? ""));
  await encoder.encode([await inputOf(0)]);
  const start = startClock();
  for (let row = 0; row < request.items; row++) await encoder.encode([await inputOf(row)]);
  return elapsed(start, sum(works));
}

/** The lanes take the next tensors as they become free, like tailrec's. Workers hold their tensors before the clock starts. */
async function runBare({ manifest }: LocatedManifest, lanes: number, threads: number): Promise<EngineRun> {
  const ready = await readyTensors(manifest);
  const model = modelFilePaths(located)[manifest.model];
  const counter = new SharedArrayBuffer(4);
  const plain = ready.map(({ feeds }) =>
    Object.entries(feeds).map(([name, { type, data, dims }]) => ({ name, type, data, dims })),
  );
  const workers = Array.from(
    { length: lanes },
    () => new Worker(BARE_LOOP, { eval: true, workerData: { model, threads, plain, counter } }),
  );
  const next = (worker: Worker) => new Promise((resolve) => worker.once("message", resolve));
  await Promise.all(workers.map(next));
  const start = startClock();
  const done = Promise.all(workers.map(next));
  for (const worker of workers) worker.postMessage("go");
  await done;
  const run = elapsed(start, sum(ready.map(({ work }) => work)));
  await Promise.all(workers.map((worker) => worker.terminate()));
  return run;
}

async function readyTensors(manifest: LocatedManifest["manifest"]): Promise<Ready[]> {
  if (manifest.task === "text") return readyTexts(manifest.text);
  if (manifest.task === "image") return readyPictures(manifest.image.size);
  throw new Error("expected an encoder of texts or of pictures");
}

/** Batches of texts of like length, each cut into runs as the text encoder cuts them. */
async function readyTexts(text: Extract<LocatedManifest["manifest"], { task: "text" }>["text"]): Promise<Ready[]> {
  const tokenizer = await openTokenizer(modelFilePaths(located)[text.tokenizer], text);
  const sequences = catalog.titles.map((title, index) => ({ index, ids: tokenizer.encode(title) }));
  const names = ["input_ids", "attention_mask", "token_type_ids"];
  const inputs = names.map((name) => ({ name, type: "int64", shape: ["texts", "tokens"] }));
  const { feeds } = textInputs({ path: text.tokenizer, inputs });
  return tokenRuns(sequences).map((run) => ({
    feeds: feeds(padRun(run, tokenizer.paddingId)),
    work: sum(run.map(({ ids }) => ids.length)),
  }));
}

async function readyPictures(size: number): Promise<Ready[]> {
  const { Tensor: OnnxTensor } = await import("onnxruntime-node");
  const runs = Math.ceil(request.items / PICTURES_PER_RUN);
  return Array.from({ length: runs }, (_, r) => {
    const items = Math.min(PICTURES_PER_RUN, request.items - r * PICTURES_PER_RUN);
    const pixels = Float32Array.from({ length: items * 3 * size * size }, (_, i) => ((i * 37) % 255) / 64 - 2);
    return { feeds: { pixels: new OnnxTensor("float32", pixels, [items, 3, size, size]) }, work: items };
  });
}

async function worksOf({ manifest }: LocatedManifest): Promise<number[]> {
  if (manifest.task !== "text") return catalog.ids.map(() => 1);
  const tokenizer = await openTokenizer(modelFilePaths(located)[manifest.text.tokenizer], manifest.text);
  return catalog.titles.map((title) => tokenizer.encode(title).length);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

interface Clock {
  readonly wall: number;
  readonly cpu: NodeJS.CpuUsage;
}

function startClock(): Clock {
  return { wall: performance.now(), cpu: process.cpuUsage() };
}

function elapsed({ wall, cpu }: Clock, work: number): EngineRun {
  const { user, system } = process.cpuUsage(cpu);
  return { work, seconds: (performance.now() - wall) / 1000, cpuSeconds: (user + system) / 1e6 };
}
