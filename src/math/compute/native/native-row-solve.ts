/**
 * Row solves of the native backend, and the Gram and the eigenvectors that prepare them. Progress and cancellation go through
 * three integers that the kernel's threads share with this one.
 */
import { TailrecError } from "../../../errors.ts";
import { type RunContext, throwIfInterrupted } from "../../../run-context.ts";
import type { Matrix } from "../../matrix.ts";
import type { RowSystems } from "../compute-backend.ts";
import { type DiagonalBasis, diagonalBasis } from "../diagonal-basis.ts";
import { type WatchedJob, watchJob } from "../job-watch.ts";
import { checkFinite, invalid } from "../matrix-check.ts";
import { cgSteps, checkGramRequest, checkRowNumbers, checkRowShapes } from "../request-check.ts";
import { newMatrix, newMatrix64, writeInto } from "../result-memory.ts";
import { isShared, sharedInt32 } from "../shared-memory.ts";
import type { Eigen } from "../symmetric.ts";
import { CHANGED, type NativeEngine, statusOf, UNSOUND } from "./native-engine.ts";

export async function solveRows(engine: NativeEngine, systems: RowSystems, context: RunContext): Promise<Matrix> {
  checkRowShapes(systems);
  throwIfInterrupted(context);
  const { factors, rows, prior, start, exposure, into, factorsInto } = systems;
  const steps = cgSteps(systems);
  const basis = systems.basis ?? (await ownBasis(engine, systems, steps > 0));
  const solution = writable(into) ?? newMatrix(rows.rows, factors.columns, "the solution");
  const turned = factorsInto && (writable(factorsInto) ?? newMatrix(factors.rows, factors.columns, "the factors"));
  const control = sharedInt32(3);
  const solving = statusOf(() =>
    engine.solveRows({
      rank: factors.columns,
      rows: rows.rows,
      fixedRows: factors.rows,
      factors: factors.values,
      ...basis,
      indptr: rows.indptr,
      indices: rows.indices,
      confidence: rows.values,
      unobservedWeight: systems.unobservedWeight,
      rowPrecision: asFloat64(systems.rowPrecision),
      exposure: exposure && asFloat64(exposure),
      prior: prior?.values,
      start: start?.values,
      steps,
      out: solution.values,
      turned: turned?.values,
      control,
    }),
  );
  const row = await watchJob(solving, rowJob(rows.rows, control), context);
  throwIfInterrupted(context);
  if (row === UNSOUND) throwUnsound(() => checkRowNumbers(systems));
  if (row >= 0) throw notPositiveDefinite(`row ${row}`);
  if (factorsInto && turned && turned !== factorsInto) writeInto(factorsInto, turned.values, "factorsInto");
  if (into === undefined || into === solution) return solution;
  writeInto(into, solution.values, "into");
  return into;
}

/** Where the kernel may write in place: memory that nobody can free meanwhile. */
function writable(matrix: Matrix | undefined): Matrix | undefined {
  return matrix && isShared(matrix.values) ? matrix : undefined;
}

/** A' diag(weights) A. */
export async function gramOf(
  engine: NativeEngine,
  a: Matrix,
  weights?: ArrayLike<number>,
): Promise<Matrix<Float64Array>> {
  checkGramRequest(a, weights);
  return sumsOf(engine, a, weights && new Float64Array(weights), 0, () => checkFinite(a, "the matrix"));
}

async function ownBasis(engine: NativeEngine, systems: RowSystems, isSingle: boolean): Promise<DiagonalBasis> {
  const gram = systems.gram ?? (await sharedGram(engine, systems, isSingle));
  return diagonalBasis(gram, systems.dimensionPrecision, (symmetric) => eigenOf(engine, symmetric));
}

/** The Gram of the fixed side; with conjugate gradients, sums of some rows are in float32. */
function sharedGram(engine: NativeEngine, systems: RowSystems, isSingle: boolean): Promise<Matrix<Float64Array>> {
  return sumsOf(engine, systems.factors, undefined, isSingle ? 1 : 0, () => checkRowNumbers(systems));
}

async function sumsOf(
  engine: NativeEngine,
  a: Matrix,
  weights: Float64Array | undefined,
  single: 0 | 1,
  checkCause: () => void,
): Promise<Matrix<Float64Array>> {
  const { rows, columns } = a;
  const gram = newMatrix64(columns, columns, "the Gram");
  const status = await statusOf(() => engine.gram({ rows, columns, a: a.values, weights, out: gram.values, single }));
  if (status === UNSOUND) throwUnsound(checkCause);
  return gram;
}

export async function eigenOf(engine: NativeEngine, { rows: n, values: a }: Matrix<Float64Array>): Promise<Eigen> {
  const [values, vectors] = [new Float64Array(n), newMatrix64(n, n, "the eigenvectors")];
  const status = await statusOf(() => engine.eigen({ n, a, values, vectors: vectors.values }));
  if (status >= 0) throw notPositiveDefinite("the Gram");
  return { values, vectors };
}

function asFloat64(values: ArrayLike<number>): Float64Array {
  return values instanceof Float64Array ? values : new Float64Array(values);
}

function rowJob(total: number, control: Int32Array): WatchedJob {
  return {
    stage: "solve rows",
    total,
    done: () => Math.floor((total * Atomics.load(control, 1)) / Math.max(1, Atomics.load(control, 2))),
    cancel: () => Atomics.store(control, 0, 1),
  };
}

/** What is wrong, and where; if nothing is by now, it was in the middle of the job, or the sums overflow. */
function throwUnsound(checkCause: () => void): never {
  checkCause();
  throw invalid(CHANGED);
}

export function notPositiveDefinite(place: string): TailrecError {
  return new TailrecError(
    "INVALID_ARGUMENT",
    `expected a positive definite matrix, ${place} is not; raise the regularization or remove non-finite input`,
  );
}
