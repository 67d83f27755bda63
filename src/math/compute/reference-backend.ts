/**
 * The readable kernel: TypeScript on worker threads, exact (Cholesky) solves. It defines what any other kernel must give.
 */
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { type RunContext, throwIfInterrupted } from "../../run-context.ts";
import { type Matrix, transposeSparse, zeros } from "../matrix.ts";
import type { ComputeBackend, RowSystems, TopK, TopKRequest } from "./compute-backend.ts";
import type { ComputeJob } from "./compute-job.ts";
import { transposeScaled } from "./dense-product.ts";
import { diagonalBasis, ones, transposedSquare } from "./diagonal-basis.ts";
import { type WatchedJob, watchJob } from "./job-watch.ts";
import {
  cgSteps,
  checkGramRequest,
  checkIndices,
  checkProduct,
  checkRowSystems,
  checkShiftedSystems,
  checkSparseShape,
  checkTopKRequest,
} from "./request-check.ts";
import { shared, sharedFloat32, sharedFloat64, sharedInt32 } from "./shared-memory.ts";
import { eigenOfGram } from "./symmetric.ts";
import { createWorkerPool } from "./worker-pool.ts";

export interface ReferenceBackendOptions {
  /** Worker threads; the machine's parallelism by default. */
  readonly threads?: number;
}

type RunJob = (job: ComputeJob, rows: number, blockRows: number, context?: RunContext) => Promise<void>;

export function createReferenceBackend(options: ReferenceBackendOptions = {}): ComputeBackend {
  const entry = createRequire(import.meta.url).resolve("#compute-worker");
  const pool = createWorkerPool(entry, options.threads ?? availableParallelism());
  const run: RunJob = (job, rows, blockRows, context = {}) => {
    const counter = sharedInt32(1);
    return watchJob(pool.run({ job, rows, blockRows, counter }), blockJob(rows, blockRows, counter), context);
  };
  return {
    name: "reference",
    solveRows: (systems, context = {}) => solveRows(run, systems, context),
    multiplyTransposed: (a, b) => multiplyTransposed(run, a, b),
    gram: (a, weights) => gram(run, a, weights),
    topK: (request) => topK(run, request),
    transpose: async (matrix) => {
      checkSparseShape(matrix);
      checkIndices(matrix);
      return transposeSparse(matrix);
    },
    eigen: async (symmetric) => eigenOfGram(symmetric),
    solveShifted: (a, b, shifts) => solveShifted(run, a, b, shifts),
  };
}

/** A block counts as done when it is claimed; with all of them claimed no thread begins another. */
function blockJob(total: number, blockRows: number, counter: Int32Array): WatchedJob {
  return {
    stage: "solve rows",
    total,
    done: () => blockRows * Atomics.load(counter, 0),
    cancel: () => Atomics.store(counter, 0, Math.ceil(total / blockRows)),
  };
}

async function multiplyTransposed(run: RunJob, a: Matrix, b: Matrix): Promise<Matrix> {
  checkProduct(a, b);
  const out = sharedFloat32(a.rows * b.rows);
  const operands = { a: shared(a.values), b: shared(b.values), out, depth: a.columns, columns: b.rows };
  await run({ kind: "multiply", operands, fromDiagonal: false }, a.rows, 64);
  return { rows: a.rows, columns: b.rows, values: out.slice() };
}

/** A' diag(w) A as the product of (A diag(w))' and A', the upper half computed and mirrored. */
async function gram(run: RunJob, a: Matrix, weights?: ArrayLike<number>): Promise<Matrix<Float64Array>> {
  checkGramRequest(a, weights);
  const { rows, columns } = a;
  const transposed = sharedFloat64(rows * columns);
  transposeScaled(a.values, rows, columns, undefined, transposed);
  const weighted = weights === undefined ? transposed : sharedFloat64(rows * columns);
  if (weights !== undefined) transposeScaled(a.values, rows, columns, weights, weighted);
  const out = sharedFloat64(columns * columns);
  const operands = { a: weighted, b: transposed, out, depth: rows, columns };
  await run({ kind: "multiply", operands, fromDiagonal: true }, columns, 16);
  for (let i = 0; i < columns; i++) for (let j = 0; j < i; j++) out[i * columns + j] = out[j * columns + i];
  return { rows: columns, columns, values: out.slice() };
}

async function solveRows(run: RunJob, systems: RowSystems, context: RunContext): Promise<Matrix> {
  checkRowSystems(systems);
  throwIfInterrupted(context);
  const { factors, rows } = systems;
  const rank = factors.columns;
  const basis = await diagonalBasis(systems.gram ?? (await gram(run, factors)), systems.dimensionPrecision);
  const z = await timesTransposed(run, factors, transposedSquare(basis.toBasis, rank));
  const y = sharedFloat64(rows.rows * rank);
  const job: ComputeJob = {
    kind: "solve",
    systems: {
      rank,
      spectrum: shared(basis.spectrum),
      z,
      indptr: shared(rows.indptr),
      indices: shared(rows.indices),
      confidence: shared(rows.values),
      unobservedWeight: systems.unobservedWeight,
      rowPrecision: shared(Float64Array.from(systems.rowPrecision)),
      exposure: shared(ones(systems.exposure, rows.rows)),
      q: systems.prior
        ? await timesTransposed(run, systems.prior, transposedSquare(basis.priorToBasis, rank))
        : sharedFloat64(0),
      steps: cgSteps(systems),
      start: systems.start
        ? await timesTransposed(run, systems.start, transposedSquare(basis.priorToBasis, rank))
        : sharedFloat64(0),
      y,
    },
  };
  await run(job, rows.rows, 32, context);
  throwIfInterrupted(context);
  const solution = systems.into ?? zeros(rows.rows, rank);
  const { factorsInto } = systems;
  factorsInto?.values.set(z);
  solution.values.set(factorsInto ? y : await timesTransposed(run, { ...solution, values: y }, basis.toBasis));
  return solution;
}

/** A B' in float64 shared memory, B k x k. */
async function timesTransposed(
  run: RunJob,
  a: Matrix<Float32Array | Float64Array>,
  b: Float64Array,
): Promise<Float64Array> {
  const out = sharedFloat64(a.rows * a.columns);
  const operands = { a: shared(a.values), b: shared(b), out, depth: a.columns, columns: a.columns };
  await run({ kind: "multiply", operands, fromDiagonal: false }, a.rows, 64);
  return out;
}

async function topK(run: RunJob, request: TopKRequest): Promise<TopK> {
  checkTopKRequest(request);
  const { queries, items, count, exclude, allow, itemScale } = request;
  const foundItems = sharedInt32(queries.rows * count);
  const foundScores = sharedFloat32(queries.rows * count);
  const arrays = {
    queries: shared(queries.values),
    items: shared(items.values),
    itemCount: items.rows,
    dimension: items.columns,
    count,
    excludeIndptr: shared(exclude?.indptr ?? new Uint32Array(0)),
    excludeIndices: shared(exclude?.indices ?? new Uint32Array(0)),
    allow: shared(allow ?? new Uint8Array(0)),
    itemScale: shared(itemScale ?? new Float32Array(0)),
    foundItems,
    foundScores,
  };
  await run({ kind: "top-k", arrays }, queries.rows, 16);
  return { count, items: foundItems.slice(), scores: foundScores.slice() };
}

async function solveShifted(
  run: RunJob,
  a: Matrix<Float64Array>,
  b: Matrix<Float64Array>,
  shifts: readonly number[],
): Promise<readonly Matrix[]> {
  checkShiftedSystems(a, b, shifts);
  const n = a.rows;
  const columns = b.columns;
  const out = sharedFloat64(shifts.length * n * columns);
  const systems = { a: shared(a.values), b: shared(b.values), n, columns, shifts, out };
  await run({ kind: "shifted", systems }, shifts.length, 1);
  return shifts.map((_, s) => ({
    rows: n,
    columns,
    values: Float32Array.from(out.subarray(s * n * columns, (s + 1) * n * columns)),
  }));
}
