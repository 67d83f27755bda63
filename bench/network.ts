/**
 * `npm run bench:network [-- STEPS]`: one step of the regressor's network, gradients and Adam, by every engine that is installed.
 * These are ONNX Runtime, and TensorFlow.js on its backends. The shape is 2816-512-64 with one layer and batches of 512. Peers come from
 * test/tensorflow, whose script also builds the native one. Writes bench/results/network.json and network.md.
 */
import { existsSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { zeros } from "../src/math/matrix.ts";
import { createRandom } from "../src/math/random.ts";
import type { Tfjs } from "../src/math/tfjs/tfjs.ts";
import { adamStep, createAdam } from "../src/networks/adam.ts";
import type { MlpStepper } from "../src/regressor/kinds/mlp/mlp-engine.ts";
import { trunkNames } from "../src/regressor/kinds/mlp/mlp-map.ts";
import { mlpDimensions } from "../src/regressor/kinds/mlp/mlp-step-graph.ts";
import { openStepper } from "../src/regressor/kinds/mlp/onnx-stepper.ts";
import { openTfjsStepper } from "../src/regressor/kinds/mlp/tfjs-stepper.ts";
import type { Figure } from "./figures.ts";

const shape = { inputs: 2816, width: 512, depth: 1, outputs: 64 };
const rows = 512;
const steps = Number(process.argv[2] ?? 10);
const packages = join(import.meta.dirname, "../test/tensorflow/node_modules");
const results = join(import.meta.dirname, "results");

const figures: Figure[] = [await measure("onnxruntime", await openStepper(shape), steps)];
for (const backend of ["wasm", "cpu"]) {
  const tfjs = await loadPeer<Tfjs>("@tensorflow/tfjs");
  if (tfjs === undefined) continue;
  if (backend === "wasm")
    (await loadPeer<{ setThreadsCount(count: number): void }>("@tensorflow/tfjs-backend-wasm"))?.setThreadsCount(1);
  if (await tfjs.setBackend(backend)) {
    // Plain JavaScript takes many seconds a step.
    const count = backend === "cpu" ? 1 : steps;
    figures.push(await measure(`tfjs ${backend}`, await openTfjsStepper(shape, tfjs), count));
  }
}
const native = await loadPeer<Tfjs>("@tensorflow/tfjs-node");
if (native !== undefined) figures.push(await measure("tfjs-node", await openTfjsStepper(shape, native), steps));
report();

async function loadPeer<T>(name: string): Promise<T | undefined> {
  if (!existsSync(join(packages, name))) return undefined;
  const path = createRequire(join(packages, "../package.json")).resolve(name);
  const loaded: { readonly default?: T } & T = await import(pathToFileURL(path).href);
  return loaded.default ?? loaded;
}

/** Milliseconds of processor time of a step, the first left out. */
async function measure(engine: string, stepper: MlpStepper, count: number): Promise<Figure> {
  const random = createRandom(1);
  const draw = (n: number, m: number, spread = 1) => {
    const matrix = zeros(n, m);
    for (let p = 0; p < matrix.values.length; p++) matrix.values[p] = spread * random.normal();
    return matrix;
  };
  const names = trunkNames(shape.depth);
  const weights = Object.fromEntries(names.map((name) => [name, draw(...mlpDimensions(name, shape), 0.02)]));
  const states = Object.fromEntries(names.map((name) => [name, createAdam(weights[name].values.length)]));
  const batch = {
    x: draw(rows, shape.inputs),
    y: draw(rows, shape.outputs),
    weights: new Float64Array(rows).fill(1 / rows),
  };
  const masks = Array.from({ length: shape.depth + 1 }, () => ({
    ...draw(rows, shape.width),
    values: new Float32Array(rows * shape.width).fill(1),
  }));
  const skip = draw(shape.inputs, shape.outputs, 0.02);
  const take = async (number: number): Promise<void> => {
    const { gradients } = await stepper.step(batch, masks, weights, skip);
    const options = { learningRate: 1e-3, weightDecay: 0.01 };
    for (const name of names) adamStep(weights[name].values, gradients[name], states[name], number, options);
  };
  await take(1);
  const before = process.cpuUsage();
  for (let s = 2; s <= count + 1; s++) await take(s);
  const { user, system } = process.cpuUsage(before);
  await stepper.close();
  const value = (user + system) / 1000 / count;
  console.log(`${engine}: ${value.toFixed(0)} ms of processor time a step`);
  return { case: "2816-512-64, batch 512", engine, metric: "cpuMillisecondsPerStep", value, unit: "ms" };
}

function report(): void {
  writeFileSync(join(results, "network.json"), `${JSON.stringify(figures, null, 1)}\n`);
  const lines = figures.map(({ engine, value }) => `| ${engine} | ${value.toFixed(0)} |`);
  const page = `# One step of the network by engine

Made by \`npm run bench:network\` on Node ${process.version}, ${cpus()[0].model.trim()}: milliseconds of processor time of a step, Adam
included, of a network of 2816-512-64 with one layer, batches of 512.

| engine | ms |
|---|---|
${lines.join("\n")}
`;
  writeFileSync(join(results, "network.md"), page);
}
