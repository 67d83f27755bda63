/**
 * The kernel in C++ (native/): the same jobs as the reference, checked by the same code, several times faster.
 * Results are float32 products, and row solves of float64 Cholesky factors, whatever the instruction set.
 */
import { availableParallelism } from "node:os";
import { TailrecError } from "../../errors.ts";
import { type RunContext, throwIfInterrupted } from "../../run-context.ts";
import { type Matrix, type SparseMatrix, zeros, zeros64 } from "../matrix.ts";
import type { ComputeBackend, RowSystems, TopK, TopKRequest } from "./compute-backend.ts";
import { diagonalBasis } from "./diagonal-basis.ts";
import { type WatchedJob, watchJob } from "./job-watch.ts";
import { type LoadedAddon, loadNativeAddon, type NativeAddon, type NativeEngine } from "./native-addon.ts";
import {
  cgSteps,
  checkGramRequest,
  checkIndices,
  checkProduct,
  checkRowNumbers,
  checkRowShapes,
  checkShiftedSystems,
  checkSparseShape,
  checkTopKRequest,
} from "./request-check.ts";
import type { Eigen } from "./symmetric.ts";

export interface NativeBackendOptions {
  /** Threads of one job; the machine's parallelism by default. */
  readonly threads?: number;
  /** One of the addon's `instructionSets`; the fastest by default. */
  readonly instructionSet?: string;
}

/** The status of a request whose numbers the kernel refused. */
const UNSOUND = -2;

/** INVALID_OPTIONS when the addon is not there or does not load. */
export function createNativeBackend(
  options: NativeBackendOptions = {},
  loaded: LoadedAddon = loadNativeAddon(),
): ComputeBackend {
  if (loaded.addon === undefined) throw absent(loaded.cause);
  const engine = createEngine(loaded.addon, options);
  return {
    name: "native",
    solveRows: (systems, context = {}) => solveRows(engine, systems, context),
    multiplyTransposed: (a, b) => multiplyTransposed(engine, a, b),
    gram: (a, weights) => gram(engine, a, weights),
    topK: (request) => topK(engine, request),
    transpose: (matrix) => transpose(engine, matrix),
    eigen: (symmetric) => eigenOf(engine, symmetric),
    solveShifted: (a, b, shifts) => solveShifted(engine, a, b, shifts),
  };
}

function absent(cause: unknown): TailrecError {
  const remedy = "with a C++ compiler, make and Python installed, run `npm rebuild tailrec` (here: `npm run install`)";
  return new TailrecError("INVALID_OPTIONS", `expected a compiled kernel, found none that loads; ${remedy}`, { cause });
}

function createEngine({ instructionSets, Engine }: NativeAddon, options: NativeBackendOptions): NativeEngine {
  const { threads = availableParallelism(), instructionSet = instructionSets[0] } = options;
  if (instructionSets.includes(instructionSet)) return new Engine(threads, instructionSet);
  const known = instructionSets.join(", ");
  throw new TailrecError("INVALID_OPTIONS", `expected an instruction set of ${known}, received ${instructionSet}`);
}

async function multiplyTransposed(engine: NativeEngine, a: Matrix, b: Matrix): Promise<Matrix> {
  checkProduct(a, b);
  const product = zeros(a.rows, b.rows);
  await engine.multiply({
    a: a.values,
    b: b.values,
    out: product.values,
    rows: a.rows,
    columns: b.rows,
    depth: a.columns,
  });
  return product;
}

/** With `single` sums of some rows are in float32. */
async function gram(
  engine: NativeEngine,
  a: Matrix,
  weights?: ArrayLike<number>,
  single = false,
): Promise<Matrix<Float64Array>> {
  checkGramRequest(a, weights);
  const result = zeros64(a.columns, a.columns);
  await engine.gram({
    a: a.values,
    weights: weights && new Float64Array(weights),
    out: result.values,
    rows: a.rows,
    columns: a.columns,
    single: Number(single),
  });
  return result;
}

async function topK(engine: NativeEngine, request: TopKRequest): Promise<TopK> {
  checkTopKRequest(request);
  const { queries, items, count, exclude, allow, itemScale } = request;
  const found = { items: new Int32Array(queries.rows * count), scores: new Float32Array(queries.rows * count) };
  await engine.topK({
    queries: queries.values,
    items: items.values,
    queryCount: queries.rows,
    itemCount: items.rows,
    dimension: items.columns,
    count,
    excludeStart: exclude?.indptr,
    excludeItems: exclude?.indices,
    allow,
    itemScale,
    foundItems: found.items,
    foundScores: found.scores,
  });
  return { count, ...found };
}

async function transpose(engine: NativeEngine, matrix: SparseMatrix): Promise<SparseMatrix> {
  checkSparseShape(matrix);
  const { rows, columns, indptr: rowStart, indices, values } = matrix;
  const outRowStart = new Uint32Array(columns + 1);
  const outIndices = new Uint32Array(indices.length);
  const outValues = new Float32Array(values.length);
  const status = await engine.transpose({
    rows,
    columns,
    rowStart,
    indices,
    values,
    outRowStart,
    outIndices,
    outValues,
  });
  if (status === UNSOUND) checkIndices(matrix);
  return { rows: columns, columns: rows, indptr: outRowStart, indices: outIndices, values: outValues };
}

async function solveShifted(
  engine: NativeEngine,
  a: Matrix<Float64Array>,
  b: Matrix<Float64Array>,
  shifts: readonly number[],
): Promise<readonly Matrix[]> {
  checkShiftedSystems(a, b, shifts);
  const { rows: n, columns } = b;
  const out = new Float32Array(shifts.length * n * columns);
  const pivot = await engine.solveShifted({
    a: a.values,
    b: b.values,
    shifts: Float64Array.from(shifts),
    out,
    n,
    columns,
    shiftCount: shifts.length,
  });
  if (pivot >= 0) throw notPositiveDefinite(`pivot ${pivot}`);
  return shifts.map((_, s) => ({ rows: n, columns, values: out.slice(s * n * columns, (s + 1) * n * columns) }));
}

async function solveRows(engine: NativeEngine, systems: RowSystems, context: RunContext): Promise<Matrix> {
  checkRowShapes(systems);
  throwIfInterrupted(context);
  const { factors, rows, prior, exposure } = systems;
  const steps = cgSteps(systems);
  const shared = systems.gram ?? (await gram(engine, factors, undefined, steps > 0));
  const basis = await diagonalBasis(shared, systems.dimensionPrecision, (symmetric) => eigenOf(engine, symmetric));
  const solution = systems.into ?? zeros(rows.rows, factors.columns);
  const control = new Int32Array(3);
  const solving = engine.solveRows({
    rank: factors.columns,
    rows: rows.rows,
    fixedRows: factors.rows,
    factors: factors.values,
    ...basis,
    rowStart: rows.indptr,
    indices: rows.indices,
    confidence: rows.values,
    unobservedWeight: systems.unobservedWeight,
    rowPrecision: asFloat64(systems.rowPrecision),
    exposure: exposure && asFloat64(exposure),
    prior: prior?.values,
    start: systems.start?.values,
    steps,
    out: solution.values,
    turned: systems.factorsInto?.values,
    control,
  });
  const row = await watchJob(solving, rowJob(rows.rows, control), context);
  throwIfInterrupted(context);
  if (row === UNSOUND) checkRowNumbers(systems);
  if (row >= 0) throw notPositiveDefinite(`row ${row}`);
  return solution;
}

function asFloat64(values: ArrayLike<number>): Float64Array {
  return values instanceof Float64Array ? values : new Float64Array(values);
}

/** `control` as the threads see it: cancelled, blocks done, blocks in all (0 before the first is claimed). */
function rowJob(total: number, control: Int32Array): WatchedJob {
  return {
    stage: "solve rows",
    total,
    done: () => Math.floor((total * Atomics.load(control, 1)) / Math.max(1, Atomics.load(control, 2))),
    cancel: () => Atomics.store(control, 0, 1),
  };
}

async function eigenOf(engine: NativeEngine, { rows: n, values: a }: Matrix<Float64Array>): Promise<Eigen> {
  const [values, vectors] = [new Float64Array(n), zeros64(n, n)];
  const status = await engine.eigen({ a, values, vectors: vectors.values, n });
  if (status >= 0) throw notPositiveDefinite("the Gram");
  return { values, vectors };
}

function notPositiveDefinite(place: string): TailrecError {
  return new TailrecError(
    "INVALID_ARGUMENT",
    `expected a positive definite matrix, ${place} is not; raise the regularization or remove non-finite input`,
  );
}
