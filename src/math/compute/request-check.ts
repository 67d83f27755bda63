/**
 * Checks of what a backend is asked, job by job, before any thread or native code sees it. Errors are INVALID_ARGUMENT and name
 * what was expected, what was received, and the row.
 */
import type { Matrix, SparseMatrix } from "../matrix.ts";
import type {
  CentredKernel,
  CholeskyFactor,
  ItemView,
  RbfRequest,
  ResampleRequest,
  RowSystems,
  SparseProductRequest,
  SymmetricMatrix,
  TopKRequest,
  TopKViewsRequest,
} from "./compute-backend.ts";
import type { DiagonalBasis } from "./diagonal-basis.ts";
import {
  checkAscending,
  checkDense,
  checkEntries,
  checkFinite,
  checkKind,
  checkPattern,
  checkSparseShape,
  checkSquare,
  checkSquareShape,
  checkVector,
  expectThat,
  FINITE,
  NOT_NEGATIVE,
  POSITIVE,
  SHARE,
} from "./matrix-check.ts";
import type { ItemCodes } from "./search/item-codes.ts";
import { isShared } from "./shared-memory.ts";

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
  checkEntries(rows);
  if (prior) checkFinite(prior, "prior");
  if (start) checkFinite(start, "start");
}

/** Sizes, offsets, the Gram and the vectors of one number a row. */
export function checkRowShapes(systems: RowSystems): void {
  const { factors, gram, basis, rows, unobservedWeight, rowPrecision, dimensionPrecision, exposure } = systems;
  checkDense(factors, "factors");
  const k = factors.columns;
  expectThat(k > 0, `rank of at least 1, received ${k}`);
  if (gram) {
    expectThat(gram.rows === k && gram.columns === k, `a ${k} x ${k} gram, received ${gram.rows} x ${gram.columns}`);
    checkSquare(gram, "gram");
  }
  if (basis) checkBasis(basis, k);
  checkSparseShape(rows, "interactions");
  expectThat(rows.columns === factors.rows, `${factors.rows} columns of interactions, received ${rows.columns}`);
  const isWeight = unobservedWeight >= 0 && unobservedWeight < Infinity;
  expectThat(isWeight, `a finite unobservedWeight >= 0, received ${unobservedWeight}`);
  // In training l follows from the weights: where one of those is broken, it is what to name.
  checkVector(rowPrecision, rows.rows, "rowPrecision", POSITIVE, () => checkEntries(rows));
  if (dimensionPrecision) checkVector(dimensionPrecision, k, "dimensionPrecision", POSITIVE);
  if (exposure) checkVector(exposure, rows.rows, "exposure", SHARE);
  checkSteps(systems);
  checkRowVectors(systems.prior, rows.rows, k, "prior");
  checkRowVectors(systems.start, rows.rows, k, "start");
  checkRowVectors(systems.into, rows.rows, k, "into");
  checkRowVectors(systems.factorsInto, factors.rows, k, "factorsInto");
}

function checkBasis({ spectrum, toBasis, priorToBasis }: DiagonalBasis, k: number): void {
  for (const [values, length] of [
    [spectrum, k],
    [toBasis, k * k],
    [priorToBasis, k * k],
  ] as const) {
    checkKind(values, "Float64Array", "the basis");
    expectThat(values.length === length, `${length} values of the basis, received ${values.length}`);
  }
}

function checkSteps({ steps = DEFAULT_CG_STEPS, solver = "exact", factorsInto }: RowSystems): void {
  expectThat(solver === "exact" || solver === "cg", `solver "exact" or "cg", received "${solver}"`);
  const keeps = factorsInto !== undefined;
  expectThat(!keeps || solver === "cg", `solver "cg" with factorsInto, received "${solver}"`);
  const isCount = Number.isInteger(steps) && steps > 0 && steps < 2 ** 31;
  expectThat(isCount, `a whole number of steps of at least 1, received ${steps}`);
}

/** Steps of conjugate gradients that were asked for; 0 stands for the exact solver. */
export function cgSteps({ solver, steps = DEFAULT_CG_STEPS }: RowSystems): number {
  return solver === "cg" ? steps : 0;
}

function checkRowVectors(matrix: Matrix | undefined, rows: number, k: number, name: string): void {
  if (matrix === undefined) return;
  checkDense(matrix, name);
  const fits = matrix.rows === rows && matrix.columns === k;
  expectThat(fits, `a ${rows} x ${k} ${name}, received ${matrix.rows} x ${matrix.columns}`);
}

/** Where a result is written in place: memory that nobody can free meanwhile. */
function checkOutput(matrix: Matrix | undefined, rows: number, columns: number, name: string): void {
  checkRowVectors(matrix, rows, columns, name);
  const isOutput = matrix === undefined || isShared(matrix.values);
  expectThat(isOutput, `${name} in shared memory, received an array of its own memory`);
}

export function checkTranspose(matrix: SparseMatrix): void {
  checkSparseShape(matrix, "the sparse matrix");
}

export function checkSparseDense(a: SparseMatrix, b: Matrix, into?: Matrix): void {
  checkSparseShape(a, "the left matrix");
  checkDense(b, "the right matrix");
  expectThat(a.columns === b.rows, `a right matrix of ${a.columns} rows, received ${b.rows}`);
  checkOutput(into, a.rows, b.columns, "room for the product");
}

/** Shapes and order; the first column that is kept, 0 when absent. */
export function checkBothSparse({ a, b, first = 0, start, into }: SparseProductRequest): number {
  checkSparseShape(a, "the left matrix");
  checkSparseShape(b, "the right matrix");
  expectThat(a.columns === b.rows, `a right matrix of ${a.columns} rows, received ${b.rows}`);
  const isColumn = Number.isInteger(first) && first >= 0 && first <= b.columns;
  expectThat(isColumn, `a first column from 0 to ${b.columns}, received ${first}`);
  checkRowVectors(start, a.rows, b.columns - first, "start");
  checkOutput(into, a.rows, b.columns - first, "room for the product");
  return first;
}

export function checkProduct(a: Matrix, b: Matrix, into?: Matrix): void {
  checkDense(a, "the left matrix");
  checkDense(b, "the right matrix");
  expectThat(a.columns === b.columns, `rows of equal length, received ${a.columns} and ${b.columns}`);
  checkOutput(into, a.rows, b.rows, "room for the product");
}

/** Shapes and weights; what is not finite in the matrix shows in the result. */
export function checkGramRequest(a: Matrix, weights: ArrayLike<number> | undefined): void {
  checkDense(a, "the matrix");
  if (weights) checkVector(weights, a.rows, "weights", FINITE);
}

export function checkEigen(symmetric: Matrix<Float64Array>): void {
  checkSquare(symmetric, "matrix");
}

/** Rows of a matrix for systems. All but its numbers is checked: one that is not finite makes a pivot that is not positive. */
export function checkSymmetric(a: SymmetricMatrix): number {
  if (!isCentred(a)) {
    checkSquareShape(a, "matrix");
    return a.rows;
  }
  const { kernel, roots, means, mean } = a;
  checkDense(kernel, "the kernel");
  const { rows: n } = kernel;
  expectThat(kernel.columns === n, `a square kernel, received ${n} x ${kernel.columns}`);
  for (const values of [roots, means]) {
    checkKind(values, "Float64Array", "roots and means");
    expectThat(values.length === n, `${n} roots and means, received ${values.length}`);
  }
  expectThat(typeof mean === "number", `a number for the mean, received ${typeof mean}`);
  return n;
}

export function checkShiftedSystems(a: SymmetricMatrix, b: Matrix<Float64Array>, shifts: readonly number[]): void {
  const n = checkSymmetric(a);
  checkFinite(b, "right sides", "Float64Array");
  expectThat(b.rows === n, `right sides of ${n} rows, received ${b.rows}`);
  checkShifts(shifts);
}

export function checkShifts(shifts: readonly number[]): void {
  checkVector(shifts, shifts.length, "shifts", NOT_NEGATIVE);
}

/** Once a pivot was not positive: names a number that is not finite, where there is one. */
export function checkNumbers(a: SymmetricMatrix): void {
  if (!isCentred(a)) {
    checkFinite(a, "matrix", "Float64Array");
    return;
  }
  checkFinite(a.kernel, "kernel");
  for (const values of [a.roots, a.means, [a.mean]]) checkVector(values, values.length, "roots and means", FINITE);
}

export function isCentred(a: SymmetricMatrix): a is CentredKernel {
  return typeof a === "object" && a !== null && "kernel" in a;
}

/** The numbers of the factor are those that its backend gave. */
export function checkFactored({ n, values }: CholeskyFactor, b: Matrix<Float64Array>): void {
  checkSquareShape({ rows: n, columns: n, values }, "factor");
  checkFinite(b, "right sides", "Float64Array");
  expectThat(b.rows === n, `right sides of ${n} rows, received ${b.rows}`);
}

export function checkRbf({ sums, first, products, productSums, x, y, scale, width }: RbfRequest): void {
  checkOutput(sums, sums.rows, sums.columns, "sums");
  const isColumn = Number.isInteger(first) && first >= 0 && first <= sums.columns;
  expectThat(isColumn, `a first column from 0 to ${sums.columns}, received ${first}`);
  checkDense(products, "products");
  const fits = products.rows === sums.rows && products.columns === sums.columns - first;
  expectThat(fits, `${sums.rows} x ${sums.columns - first} products, received ${products.rows} x ${products.columns}`);
  checkOutput(productSums, products.rows, products.columns, "sums of products");
  checkKind(x, "Float32Array", "squared lengths");
  checkKind(y, "Float32Array", "squared lengths");
  const areAll = x.length === sums.rows && y.length === sums.columns;
  expectThat(areAll, `${sums.rows} and ${sums.columns} squared lengths, received ${x.length} and ${y.length}`);
  checkVector([scale], 1, "scale", FINITE);
  checkVector([width], 1, "width", POSITIVE);
}

export function checkResample({ series, resamples, seed }: ResampleRequest): void {
  const { rows, columns, values } = series;
  checkKind(values, "Float64Array", "series");
  expectThat(values.length === rows * columns, `${rows} x ${columns} values of series, received ${values.length}`);
  const isCount = Number.isInteger(resamples) && resamples >= 0 && resamples < 2 ** 31;
  expectThat(isCount, `a whole number of resamples, received ${resamples}`);
  expectThat(Number.isInteger(seed), `a whole number as seed, received ${seed}`);
}

export function checkTopKRequest({ allow, itemScale, codes, ...request }: TopKRequest): void {
  checkSearch(request);
  checkView(request, { allow, itemScale });
  if (codes !== undefined) checkItemCodes(codes, request.items);
}

export function checkTopKViews({ views, ...request }: TopKViewsRequest): void {
  checkSearch(request);
  expectThat(Array.isArray(views) && views.length > 0, "a list of one view at least, received none");
  for (const view of views) checkView(request, view);
}

type Search = Omit<TopKViewsRequest, "views">;

function checkSearch({ queries, items, count, exclude }: Search): void {
  checkFinite(queries, "queries");
  checkDense(items, "items");
  expectThat(queries.columns === items.columns, `queries of dimension ${items.columns}, received ${queries.columns}`);
  expectThat(Number.isInteger(count) && count > 0, `a whole count of at least 1, received ${count}`);
  if (exclude !== undefined) {
    checkPattern(exclude, "exclusions");
    expectThat(exclude.rows === queries.rows, `exclusions for ${queries.rows} queries, received ${exclude.rows}`);
    checkAscending(exclude, "exclusions");
  }
}

function checkView({ queries, items }: Search, { allow, itemScale, asked, length = 0 }: ItemView): void {
  if (allow !== undefined) {
    checkKind(allow, "Uint8Array", "allow flags");
    expectThat(allow.length === items.rows, `${items.rows} allow flags, received ${allow.length}`);
  }
  if (itemScale !== undefined) {
    checkKind(itemScale, "Float32Array", "item scales");
    expectThat(itemScale.length === items.rows, `${items.rows} item scales, received ${itemScale.length}`);
  }
  if (asked !== undefined) {
    checkKind(asked, "Uint8Array", "flags of queries");
    expectThat(asked.length === queries.rows, `${queries.rows} flags of queries, received ${asked.length}`);
  }
  const isLength = Number.isInteger(length) && length >= 0 && length <= items.columns;
  expectThat(isLength, `a length from 0 to ${items.columns}, received ${length}`);
}

function checkItemCodes({ codes, steps, errors }: ItemCodes, { rows, columns }: Matrix): void {
  checkKind(codes, "Int8Array", "item codes");
  expectThat(codes.length === rows * columns, `${rows * columns} item codes, received ${codes.length}`);
  for (const [values, name] of [
    [steps, "steps"],
    [errors, "errors"],
  ] as const) {
    checkKind(values, "Float32Array", `${name} of item codes`);
    expectThat(values.length === rows, `${rows} ${name} of item codes, received ${values.length}`);
  }
}
