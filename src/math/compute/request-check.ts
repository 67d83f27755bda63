/** Checks of what a kernel is asked, before any thread or native code sees it. Errors are INVALID_ARGUMENT and name the row. */
import { TailrecError } from "../../errors.ts";
import { firstBrokenRow, type Matrix, rowOf, type SparseMatrix } from "../matrix.ts";
import type { RowSystems, TopKRequest } from "./compute-backend.ts";

/** From the last sweep's solution so many steps of conjugate gradients equal Cholesky. */
const DEFAULT_CG_STEPS = 3;

/** All of it: shapes, then every number. */
export function checkRowSystems(systems: RowSystems): void {
  checkRowShapes(systems);
  checkRowNumbers(systems);
}

/** The large arrays: finite factors, positive weights, indices in range. */
export function checkRowNumbers({ factors, rows, prior, start }: RowSystems): void {
  checkFinite(factors, "factors");
  checkSparse(rows);
  if (prior) checkFinite(prior, "prior");
  if (start) checkFinite(start, "start");
}

/** Sizes, offsets and the vectors of one number a row. */
export function checkRowShapes(systems: RowSystems): void {
  const { factors, gram, rows, prior } = systems;
  const k = factors.columns;
  expectThat(k > 0, `rank of at least 1, received ${k}`);
  const fits = gram === undefined || (gram.rows === k && gram.columns === k);
  expectThat(fits, `a ${k} x ${k} gram, received ${gram?.rows} x ${gram?.columns}`);
  expectThat(rows.columns === factors.rows, `${factors.rows} columns of interactions, received ${rows.columns}`);
  expectThat(systems.unobservedWeight >= 0, `unobservedWeight >= 0, received ${systems.unobservedWeight}`);
  checkSize(factors, "factors");
  checkSparseShape(rows);
  // In training l follows from the weights: where one of those is broken, it is what to name.
  const isPrecision = (value: number) => value > 0 && value < Infinity;
  checkVector(systems.rowPrecision, rows.rows, "rowPrecision", isPrecision, () => checkSparse(rows));
  checkVector(systems.dimensionPrecision, k, "dimensionPrecision", (value) => value > 0 && value < Infinity);
  checkVector(systems.exposure, rows.rows, "exposure", (value) => value >= 0 && value <= 1);
  checkSteps(systems);
  if (prior) checkRowVectors(prior, rows.rows, k, "prior");
  if (systems.start) checkRowVectors(systems.start, rows.rows, k, "start");
  if (systems.into) checkRowVectors(systems.into, rows.rows, k, "into");
  if (systems.factorsInto) checkRowVectors(systems.factorsInto, factors.rows, k, "factorsInto");
}

function checkSteps({ steps = DEFAULT_CG_STEPS, solver, factorsInto }: RowSystems): void {
  const keeps = factorsInto !== undefined;
  expectThat(!keeps || solver === "cg", `solver "cg" with factorsInto, received "${solver ?? "exact"}"`);
  expectThat(Number.isInteger(steps) && steps > 0, `a whole number of steps of at least 1, received ${steps}`);
}

/** Steps of conjugate gradients that were asked for; 0 stands for the exact solver. */
export function cgSteps({ solver, steps = DEFAULT_CG_STEPS }: RowSystems): number {
  return solver === "cg" ? steps : 0;
}

function checkRowVectors(matrix: Matrix, rows: number, k: number, name: string): void {
  const fits = matrix.rows === rows && matrix.columns === k;
  expectThat(fits, `a ${rows} x ${k} ${name}, received ${matrix.rows} x ${matrix.columns}`);
  checkSize(matrix, name);
}

/** Offsets and lengths. */
export function checkSparseShape(matrix: SparseMatrix): void {
  checkOffsets(matrix);
  const { indices, values } = matrix;
  expectThat(indices.length === values.length, `${indices.length} weights, received ${values.length}`);
}

export function checkProduct(a: Matrix, b: Matrix): void {
  expectThat(a.columns === b.columns, `rows of equal length, received ${a.columns} and ${b.columns}`);
  checkSize(a, "the left matrix");
  checkSize(b, "the right matrix");
}

export function checkGramRequest(a: Matrix, weights: ArrayLike<number> | undefined): void {
  checkSize(a, "the matrix");
  if (weights) expectThat(weights.length === a.rows, `${a.rows} weights, received ${weights.length}`);
}

export function checkShiftedSystems(a: Matrix<Float64Array>, b: Matrix<Float64Array>, shifts: readonly number[]): void {
  expectThat(a.rows === a.columns, `a square matrix, received ${a.rows} x ${a.columns}`);
  expectThat(b.rows === a.rows, `right sides of ${a.rows} rows, received ${b.rows}`);
  checkSize(a, "the matrix");
  checkSize(b, "the right sides");
  checkVector(shifts, shifts.length, "shifts", (value) => value >= 0 && value < Infinity);
}

export function checkTopKRequest({ queries, items, count, exclude, allow, itemScale }: TopKRequest): void {
  expectThat(queries.columns === items.columns, `queries of dimension ${items.columns}, received ${queries.columns}`);
  expectThat(Number.isInteger(count) && count > 0, `a whole count of at least 1, received ${count}`);
  checkFinite(queries, "queries");
  checkSize(items, "items");
  if (exclude) {
    expectThat(exclude.rows === queries.rows, `exclusions for ${queries.rows} queries, received ${exclude.rows}`);
    checkOffsets(exclude);
  }
  if (allow) expectThat(allow.length === items.rows, `${items.rows} allow flags, received ${allow.length}`);
  if (itemScale) expectThat(itemScale.length === items.rows, `${items.rows} item scales, received ${itemScale.length}`);
}

function checkSparse(matrix: SparseMatrix): void {
  const { rows, indptr, values } = matrix;
  for (let i = 0; i < rows; i++) {
    for (let p = indptr[i]; p < indptr[i + 1]; p++) {
      if (!(values[p] > 0 && values[p] < Infinity))
        throw invalid(`a positive finite weight in row ${i}, received ${values[p]}`);
    }
  }
  checkIndices(matrix);
}

export function checkIndices({ rows, columns, indptr, indices }: SparseMatrix): void {
  const p = indices.findIndex((index) => index >= columns);
  if (p < 0) return;
  let i = 0;
  while (i < rows && indptr[i + 1] <= p) i++;
  throw invalid(`an index below ${columns} in row ${i}, received ${indices[p]}`);
}

function checkOffsets({ rows, indptr, indices }: SparseMatrix): void {
  expectThat(indptr.length === rows + 1, `${rows + 1} row offsets, received ${indptr.length}`);
  expectThat(indptr[0] === 0, `row offsets to begin at 0, received ${indptr[0]}`);
  expectThat(indptr[rows] === indices.length, `row offsets to end at ${indices.length}, received ${indptr[rows]}`);
  for (let i = 0; i < rows; i++) {
    if (indptr[i] > indptr[i + 1])
      throw invalid(`ascending row offsets, received a row of negative length at row ${i}`);
  }
}

function checkSize({ rows, columns, values }: Matrix<Float32Array | Float64Array>, name: string): void {
  expectThat(values.length === rows * columns, `${rows * columns} values of ${name}, received ${values.length}`);
}

function checkFinite(matrix: Matrix, name: string): void {
  checkSize(matrix, name);
  const row = firstBrokenRow(matrix);
  if (row < 0) return;
  const bad = rowOf(matrix, row).find((value) => !Number.isFinite(value));
  throw invalid(`finite ${name}, received ${bad} in row ${row}`);
}

function checkVector(
  values: ArrayLike<number> | undefined,
  length: number,
  name: string,
  ok: (value: number) => boolean,
  checkCause: () => void = () => {},
): void {
  if (values === undefined) return;
  expectThat(values.length === length, `${length} values of ${name}, received ${values.length}`);
  for (let i = 0; i < length; i++) {
    if (ok(values[i])) continue;
    checkCause();
    throw invalid(`${name} in its range, received ${values[i]} in row ${i}`);
  }
}

function expectThat(condition: boolean, expectation: string): void {
  if (!condition) throw invalid(expectation);
}

function invalid(expectation: string): TailrecError {
  return new TailrecError("INVALID_ARGUMENT", `expected ${expectation}`);
}
