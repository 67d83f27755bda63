/**
 * `node teardown.mjs ADDON ROUNDS`: workers that are terminated in the middle of their jobs, round by round at another moment. The
 * process must live, and no job may hold a worker up until it is done.
 */
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { setTimeout } from "node:timers/promises";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";

const path = resolve(process.argv[2]);
const zeros = (length) => new Float32Array(length);
const squares = {
  rows: 600,
  columns: 600,
  depth: 4000,
  a: zeros(600 * 4000),
  b: zeros(600 * 4000),
  out: zeros(600 * 600),
};
const definite = Float64Array.from({ length: 1000 ** 2 }, (_, p) => Number(p % 1001 === 0) + 1 / (1 + p));
const WORK = [
  (engine) => engine.multiply(squares),
  (engine) => engine.gram({ rows: 3, columns: 2, a: zeros(6), out: new Float64Array(4), single: 0 }),
  (engine) => Promise.all(Array.from({ length: 30 }, () => engine.multiply({ ...squares, out: zeros(600 * 600) }))),
  (engine) =>
    engine.eigen({ n: 1000, a: definite, values: new Float64Array(1000), vectors: new Float64Array(1000 ** 2) }),
];

if (isMainThread) await terminateAll(Number(process.argv[3]));
else await workForEver(WORK[workerData.round % WORK.length]);

async function terminateAll(rounds) {
  let longest = 0;
  for (let round = 0; round < rounds; round++) {
    const worker = new Worker(new URL(import.meta.url), { argv: [path], workerData: { round }, execArgv: [] });
    await new Promise((begun, failed) => worker.once("message", begun).once("error", failed));
    await setTimeout((7 * round) % 50);
    const begin = performance.now();
    await worker.terminate();
    longest = Math.max(longest, performance.now() - begin);
  }
  console.log(`${rounds} workers terminated in the middle of their jobs, each within ${Math.ceil(longest)} ms`);
}

async function workForEver(work) {
  const { Engine, instructionSets } = createRequire(import.meta.url)(path);
  const engine = new Engine(2, instructionSets[0]);
  parentPort.postMessage("begun");
  for (;;) await work(engine);
}
