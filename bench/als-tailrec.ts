/**
 * Epochs of tailrec's ALS in a process of their own: the loop of fitAls on the native kernel, each epoch timed; the first includes
 * what fitAls does before it, the coarse start.
 * Called with one JSON argument (EngineRequest of als-engines.ts); prints an EngineRun.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { alsOptionsSchema } from "../src/als/als-options.ts";
import { coarseItemFactors } from "../src/als/coarse-start.ts";
import { createNativeBackend } from "../src/math/compute/native-backend.ts";
import { type Matrix, type SparseMatrix, transposeSparse } from "../src/math/matrix.ts";
import type { EngineRequest } from "./als-engines.ts";

const request: EngineRequest = JSON.parse(process.argv[2]);
const { folder, users, items, rank, epochs, threads, unobservedWeight, regularization, trace } = request;
const backend = createNativeBackend({ threads, instructionSet: request.instructionSet });

const byUser = readInteractions();
const byItem = transposeSparse(byUser);
let itemFactors = readStart();
let userFactors: Matrix | undefined;
const seconds: number[] = [];
const cpuSeconds: number[] = [];

for (let epoch = 0; epoch < epochs; epoch++) {
  const [wall, cpu] = [performance.now(), process.cpuUsage()];
  if (epoch === 0) itemFactors = await begin(itemFactors);
  userFactors = await solve(byUser, itemFactors, userFactors);
  itemFactors = await solve(byItem, userFactors, itemFactors);
  const used = process.cpuUsage(cpu);
  seconds.push((performance.now() - wall) / 1e3);
  cpuSeconds.push((used.user + used.system) / 1e6);
  if (trace || epoch === epochs - 1) {
    writeFileSync(join(folder, `${epoch}.users.f32`), userFactors.values);
    writeFileSync(join(folder, `${epoch}.items.f32`), itemFactors.values);
  }
}
console.log(JSON.stringify({ seconds, cpuSeconds, peakBytes: process.resourceUsage().maxRSS * 1024 }));

function begin(noise: Matrix): Promise<Matrix> | Matrix {
  if (request.solver === "cholesky") return noise;
  const shared = { rank, unobservedWeight, regularization, regularizationExponent: 0, solver: "cg" };
  return coarseItemFactors(byUser, noise, alsOptionsSchema.parse(shared), { backend });
}

function solve(rows: SparseMatrix, factors: Matrix, start: Matrix | undefined): Promise<Matrix> {
  const solver = request.solver === "cholesky" ? "exact" : "cg";
  const rowPrecision = new Float64Array(rows.rows).fill(regularization);
  const factorsInto = solver === "cg" ? factors : undefined;
  const { steps } = request;
  const systems = { factors, rows, unobservedWeight, rowPrecision, steps };
  return backend.solveRows({ ...systems, solver, start, into: start, factorsInto });
}

function readInteractions(): SparseMatrix {
  const indptr = readNumbers("indptr.u32");
  const indices = readNumbers("indices.u32");
  const values = new Float32Array(indices.length).fill(request.confidence);
  return { rows: users, columns: items, indptr, indices, values };
}

function readNumbers(name: string): Uint32Array {
  const bytes = readFileSync(join(folder, name));
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
}

function readStart(): Matrix {
  const bytes = readFileSync(join(folder, "start.f32"));
  return { rows: items, columns: rank, values: new Float32Array(bytes.buffer, bytes.byteOffset, items * rank) };
}
