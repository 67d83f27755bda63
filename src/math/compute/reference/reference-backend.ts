/**
 * The readable kernel: TypeScript on worker threads, exact (Cholesky) solves. It defines what any other kernel must give.
 */
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { type RunContext, throwIfInterrupted } from "../../../run-context.ts";
import { columnRange, type Matrix, mirrorUpper, transposeSparse } from "../../matrix.ts";
import type {
  ComputeBackend,
  RowSystems,
  SymmetricMatrix,
  TopK,
  TopKRequest,
  TopKViewsRequest,
} from "../compute-backend.ts";
import { diagonalBasis, ones, transposedSquare } from "../diagonal-basis.ts";
import { type WatchedJob, watchJob } from "../job-watch.ts";
import { checkFinite, checkIndices } from "../matrix-check.ts";
import {
  cgSteps,
  checkBothSparse,
  checkEigen,
  checkFactored,
  checkGramRequest,
  checkProduct,
  checkRbf,
  checkResample,
  checkRowSystems,
  checkShiftedSystems,
  checkShifts,
  checkSparseDense,
  checkSymmetric,
  checkTopKRequest,
  checkTopKViews,
  checkTranspose,
  isCentred,
} from "../request-check.ts";
import { allocate, newMatrix, writeInto } from "../result-memory.ts";
import {
  shared,
  sharedCopy,
  sharedFloat32,
  sharedFloat64,
  sharedInt32,
  sharedMatrix,
  sharedSparse,
} from "../shared-memory.ts";
import { eigenOfGram } from "../symmetric.ts";
import { checkThreads } from "../threads.ts";
import type { ComputeJob } from "./compute-job.ts";
import { transposeScaled } from "./dense-product.ts";
import { addDistances } from "./rbf.ts";
import { resampledSums } from "./resampling.ts";
import { centredValues, factorShifted, solveColumns } from "./shifted-solve.ts";
import { bothSparseTimes, sparseTimes } from "./sparse-rows.ts";
import { createWorkerPool } from "./worker-pool.ts";

export interface ReferenceBackendOptions {
  /** Worker threads; the machine's parallelism by default. */
  readonly threads?: number;
}

type RunJob = (job: ComputeJob, rows: number, blockRows: number, context?: RunContext) => Promise<void>;

export function createReferenceBackend(options: ReferenceBackendOptions = {}): ComputeBackend {
  const entry = createRequire(import.meta.url).resolve("#compute-worker");
  const pool = createWorkerPool(entry, checkThreads(options.threads ?? availableParallelism()));
  const run: RunJob = (job, rows, blockRows, context = {}) => {
    const counter = sharedInt32(1);
    return watchJob(pool.run({ job, rows, blockRows, counter }), blockJob(rows, blockRows, counter), context);
  };
  return {
    name: "reference",
    solveRows: (systems, context = {}) => solveRows(run, systems, context),
    multiplyTransposed: (a, b, into) => multiplyTransposed(run, a, b, into),
    gram: (a, weights) => gram(run, a, weights),
    topK: (request) => topK(run, request),
    topKViews: (request) => topKViews(run, request),
    transpose: async (matrix) => {
      checkTranspose(matrix);
      checkIndices(matrix);
      const bytes = 4 * matrix.columns + 8 * matrix.indices.length;
      return allocate(bytes, "the transpose", () => transposeSparse(matrix));
    },
    multiplySparse: async (a, b, into) => {
      checkSparseDense(a, b, into);
      checkIndices(a);
      return allocate(4 * a.rows * b.columns, "the product", () => sparseTimes(a, b, into));
    },
    multiplyBothSparse: async (request) => {
      const { a, b } = request;
      const first = checkBothSparse(request);
      for (const matrix of [a, b]) checkIndices(matrix);
      return allocate(4 * a.rows * (b.columns - first), "the product", () => bothSparseTimes(request));
    },
    eigen: async (symmetric) => {
      checkEigen(symmetric);
      return eigenOfGram(symmetric);
    },
    solveShifted: (a, b, shifts) => solveShifted(run, a, b, shifts),
    factor: async (a, shift) => {
      const n = checkSymmetric(a);
      checkShifts([shift]);
      return { n, values: allocate(8 * n * n, "the factor", () => shared(factorShifted(valuesOf(a), n, shift))) };
    },
    addRbf: async (request) => {
      checkRbf(request);
      addDistances(request);
    },
    resample: async (request) => {
      const { series, resamples } = request;
      checkResample(request);
      const values = allocate(8 * series.rows * resamples, "the sums", () => resampledSums(request));
      return { rows: series.rows, columns: resamples, values };
    },
    solveFactored: async (factor, b) => {
      checkFactored(factor, b);
      return { ...b, values: Float32Array.from(solveColumns(factor.values, factor.n, b.values, b.columns)) };
    },
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

async function multiplyTransposed(run: RunJob, a: Matrix, b: Matrix, into?: Matrix): Promise<Matrix> {
  checkProduct(a, b, into);
  const out = into?.values ?? allocate(4 * a.rows * b.rows, "the product", () => sharedFloat32(a.rows * b.rows));
  const operands = { a: shared(a.values), b: shared(b.values), out, depth: a.columns, columns: b.rows };
  const { rows } = a;
  await run({ kind: "multiply", operands, fromDiagonal: false }, rows, 64);
  return into ?? { rows, columns: operands.columns, values: out.slice() };
}

/** A' diag(w) A as the product of (A diag(w))' and A', the upper half computed and mirrored. */
async function gram(run: RunJob, a: Matrix, weights?: ArrayLike<number>): Promise<Matrix<Float64Array>> {
  checkGramRequest(a, weights);
  checkFinite(a, "the matrix");
  const { rows, columns } = a;
  const transposed = allocate(8 * rows * columns, "the transpose", () => sharedFloat64(rows * columns));
  transposeScaled(a.values, rows, columns, undefined, transposed);
  const weighted = weights === undefined ? transposed : sharedFloat64(rows * columns);
  if (weights !== undefined) transposeScaled(a.values, rows, columns, weights, weighted);
  const out = allocate(8 * columns * columns, "the Gram", () => sharedFloat64(columns * columns));
  const operands = { a: weighted, b: transposed, out, depth: rows, columns };
  await run({ kind: "multiply", operands, fromDiagonal: true }, columns, 16);
  mirrorUpper({ rows: columns, columns, values: out });
  return { rows: columns, columns, values: out.slice() };
}

async function solveRows(run: RunJob, given: RowSystems, context: RunContext): Promise<Matrix> {
  checkRowSystems(given);
  throwIfInterrupted(context);
  const systems = inSharedMemory(given);
  const { factors, rows, into, factorsInto } = systems;
  const rank = factors.columns;
  const basis =
    systems.basis ?? (await diagonalBasis(systems.gram ?? (await gram(run, factors)), systems.dimensionPrecision));
  const [toBasis, priorToBasis] = [basis.toBasis, basis.priorToBasis].map((square) => transposedSquare(square, rank));
  const turn = async (matrix: Matrix | undefined) =>
    matrix ? await timesTransposed(run, matrix, priorToBasis) : sharedFloat64(0);
  const z = await timesTransposed(run, factors, toBasis);
  const y = sharedFloat64(rows.rows * rank);
  const job: ComputeJob = {
    kind: "solve",
    systems: {
      rank,
      spectrum: shared(basis.spectrum),
      z,
      indptr: rows.indptr,
      indices: rows.indices,
      confidence: rows.values,
      unobservedWeight: systems.unobservedWeight,
      rowPrecision: systems.rowPrecision,
      exposure: systems.exposure,
      q: await turn(systems.prior),
      steps: cgSteps(systems),
      start: await turn(systems.start),
      y,
    },
  };
  await run(job, rows.rows, 32, context);
  throwIfInterrupted(context);
  const solution = into ?? newMatrix(rows.rows, rank, "the solution");
  if (factorsInto) writeInto(factorsInto, z, "factorsInto");
  const values = factorsInto ? y : await timesTransposed(run, { ...solution, values: y }, basis.toBasis);
  writeInto(solution, values, "into");
  return solution;
}

/** The systems as they are now, whatever becomes of the arrays: in shared memory, offsets and single numbers copied. */
function inSharedMemory(systems: RowSystems) {
  const { factors, gram: given, rows, prior, start, rowPrecision, dimensionPrecision, exposure } = systems;
  return {
    ...systems,
    factors: sharedMatrix(factors),
    gram: given && sharedMatrix(given),
    rows: { ...sharedSparse(rows), indptr: sharedCopy(rows.indptr) },
    prior: prior && sharedMatrix(prior),
    start: start && sharedMatrix(start),
    rowPrecision: shared(Float64Array.from(rowPrecision)),
    dimensionPrecision: dimensionPrecision && Float64Array.from(dimensionPrecision),
    exposure: shared(ones(exposure, rows.rows)),
  };
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
  const places = queries.rows * count;
  const found = allocate(8 * places, "the lists", () => ({
    foundItems: sharedInt32(places),
    foundScores: sharedFloat32(places),
  }));
  const arrays = {
    queries: shared(queries.values),
    items: shared(items.values),
    itemCount: items.rows,
    dimension: items.columns,
    count,
    excludeIndptr: sharedCopy(exclude?.indptr ?? new Uint32Array(0)),
    excludeIndices: shared(exclude?.indices ?? new Uint32Array(0)),
    allow: shared(allow ?? new Uint8Array(0)),
    itemScale: shared(itemScale ?? new Float32Array(0)),
    ...found,
  };
  await run({ kind: "top-k", arrays }, queries.rows, 16);
  return { count, items: found.foundItems.slice(), scores: found.foundScores.slice() };
}

/** One after the other. */
async function topKViews(run: RunJob, request: TopKViewsRequest): Promise<readonly TopK[]> {
  checkTopKViews(request);
  const { views, ...search } = request;
  const found: TopK[] = [];
  for (const { asked, length = search.items.columns, ...view } of views) {
    const [queries, items] = [search.queries, search.items].map((matrix) => columnRange(matrix, 0, length));
    found.push(ofAsked(await topK(run, { ...search, queries, items, ...view }), asked));
  }
  return found;
}

/** The lists of who asks; nothing for the others. */
function ofAsked(lists: TopK, asked: Uint8Array | undefined): TopK {
  const { count, items, scores } = lists;
  for (const [i, flag] of (asked ?? []).entries()) {
    if (flag !== 0) continue;
    items.fill(-1, i * count, (i + 1) * count);
    scores.fill(Number.NEGATIVE_INFINITY, i * count, (i + 1) * count);
  }
  return lists;
}

async function solveShifted(
  run: RunJob,
  a: SymmetricMatrix,
  b: Matrix<Float64Array>,
  shifts: readonly number[],
): Promise<readonly Matrix[]> {
  checkShiftedSystems(a, b, shifts);
  const { rows: n, columns } = b;
  const length = n * columns;
  const out = allocate(8 * shifts.length * length, "the solutions", () => sharedFloat64(shifts.length * length));
  const systems = { a: shared(valuesOf(a)), b: shared(b.values), n, columns, shifts: [...shifts], out };
  await run({ kind: "shifted", systems }, systems.shifts.length, 1);
  return systems.shifts.map((_, s) => ({
    rows: n,
    columns,
    values: Float32Array.from(out.subarray(s * length, (s + 1) * length)),
  }));
}

function valuesOf(a: SymmetricMatrix): Float64Array {
  return isCentred(a) ? centredValues(a) : a.values;
}
