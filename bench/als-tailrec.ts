/**
 * Epochs of tailrec's ALS in a process of their own: the loop of fitAls on the native kernel, each epoch timed; the first includes
 * what fitAls does before it, the coarse start. As there, what sweeps read and write lies in shared memory.
 * Called with one JSON argument (EngineRequest of als-engines.ts); prints an EngineRun.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { settledAlsOptionsSchema } from "../src/als/als-options.ts";
import { coarseItemFactors } from "../src/als/coarse-start.ts";
import { createNativeBackend } from "../src/math/compute/native/native-backend.ts";
import { shared, sharedFloat32, sharedMatrix, sharedZeros } from "../src/math/compute/shared-memory.ts";
import type { Matrix, SparseMatrix } from "../src/math/matrix.ts";
import type { EngineRequest } from "./als-engines.ts";

const request: EngineRequest = JSON.parse(process.argv[2]);
const { folder, users, items, rank, epochs, threads, unobservedWeight, regularization, trace } = request;
const backend = createNativeBackend({ threads, instructionSet: request.instructionSet });

const byUser = readInteractions();
const byItem = await backend.transpose(byUser);
let itemFactors = readStart();
let userFactors = sharedZeros(users, rank);
const seconds: number[] = [];
const cpuSeconds: number[] = [];

for (let epoch = 0; epoch < epochs; epoch++) {
  const [wall, cpu] = [performance.now(), process.cpuUsage()];
  if (epoch === 0) itemFactors = await begin(itemFactors);
  userFactors = await solve(byUser, itemFactors, userFactors, epoch > 0);
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

async function begin(noise: Matrix): Promise<Matrix> {
  if (request.solver === "cholesky") return noise;
  const options = { rank, unobservedWeight, regularization, regularizationExponent: 0, solver: "cg" };
  return sharedMatrix(await coarseItemFactors(byUser, noise, settledAlsOptionsSchema.parse(options), { backend }));
}

function solve(rows: SparseMatrix, factors: Matrix, into: Matrix, isBegun = true): Promise<Matrix> {
  const solver = request.solver === "cholesky" ? "exact" : "cg";
  const rowPrecision = new Float64Array(rows.rows).fill(regularization);
  const factorsInto = solver === "cg" ? factors : undefined;
  const { steps } = request;
  const systems = { factors, rows, unobservedWeight, rowPrecision, steps };
  return backend.solveRows({ ...systems, solver, start: isBegun ? into : undefined, into, factorsInto });
}

function readInteractions(): SparseMatrix {
  const indptr = readNumbers("indptr.u32");
  const indices = readNumbers("indices.u32");
  const values = sharedFloat32(indices.length).fill(request.confidence);
  return { rows: users, columns: items, indptr, indices, values };
}

function readNumbers(name: string): Uint32Array {
  const bytes = readFileSync(join(folder, name));
  return shared(new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4));
}

function readStart(): Matrix {
  const bytes = readFileSync(join(folder, "start.f32"));
  return { rows: items, columns: rank, values: shared(new Float32Array(bytes.buffer, bytes.byteOffset, items * rank)) };
}
